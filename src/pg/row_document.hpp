// Rows as to_jsonb shows them, one after the other, made only when asked for.
#pragma once

#include "pg/postgres.hpp"

#include <functional>
#include <optional>
#include <string>

#include "pg/jsonpath.hpp"
#include "pg/row.hpp"

namespace leadscore::pg {

class RowDocument {
 public:
  // Told why a row cannot be shown: an SQLSTATE and a message.
  using Report = std::function<void(int sqlstate, const std::string &message)>;

  explicit RowDocument(Report report) : report_(std::move(report)) {}

  // From now on it is about this row, which must stay as it is.
  void start(const Row &row) noexcept {
    row_ = &row;
    is_made_ = false;
  }
  // The row, in the current memory context of the first call; null if it cannot be shown.
  [[nodiscard]] const Jsonb *get();

 private:
  void follow_shape();
  [[nodiscard]] const Jsonb *make();

  Report report_;
  const Row *row_ = nullptr;
  bool is_made_ = false;
  const Jsonb *document_ = nullptr;
  std::optional<ShapeIdentity> shape_;  // that the next two are about
  bool is_pure_ = false;
  Oid distrusted_ = InvalidOid;  // a type that keeps rows from being shown: see type_with_foreign_cast
};

}  // namespace leadscore::pg
