// States as values of the SQL type leadscore.state.
#pragma once

#include "pg/postgres.hpp"

#include <memory>
#include <span>

#include "core/state.hpp"
#include "pg/compiled_model.hpp"

namespace leadscore::pg {

// A state and the version that it belongs to, which it fits.
struct BoundState {
  State state;
  std::shared_ptr<const CompiledModel> model;

  [[nodiscard]] const Program &program() const noexcept { return model->program; }
};

// The payload of a value that needs no detoasting any more. Valid as long as the value.
[[nodiscard]] std::span<const std::byte> state_bytes(const varlena *value) noexcept;
[[nodiscard]] std::span<const std::byte> state_bytes(Datum value);

// A state alone, not looked up.
[[nodiscard]] State read_state(Datum value);

// A state, or the log of an aggregate that is still running, with its version.
[[nodiscard]] BoundState bind_state(Datum value);
[[nodiscard]] BoundState bind_state(std::span<const std::byte> bytes);
[[nodiscard]] BoundState bind_state(State state);

// In the current memory context.
[[nodiscard]] Datum make_state(const State &state);

// An uninitialised value with room for that payload.
[[nodiscard]] varlena *allocate_state(std::size_t payload);
[[nodiscard]] std::span<std::byte> writable_bytes(varlena *value) noexcept;

// The number of the type leadscore.state.
[[nodiscard]] Oid state_type();

}  // namespace leadscore::pg
