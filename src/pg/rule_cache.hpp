// The compiled models of this backend: compiled once per version, thrown away when the configuration changes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "pg/compiled_model.hpp"

namespace leadscore::pg {

// Registers the invalidation callback. Once, when the library is loaded.
void start_rule_cache();

// The version of the model that scores now, or null if nothing is published: what others have committed by now is seen. What is
// given stays whole while it is held, whatever is published meanwhile. For who writes; who reads asks for `model_to_read`.
[[nodiscard]] std::shared_ptr<const CompiledModel> find_live_model(const std::string &name);

// While it lives, the functions of this header give this version for its model: what a function does in several steps, queries that
// call functions of ours among them, is of one version although another is published meanwhile.
class PinnedModel {
 public:
  explicit PinnedModel(std::shared_ptr<const CompiledModel> model);
  ~PinnedModel();
  PinnedModel(const PinnedModel &) = delete;
  PinnedModel &operator=(const PinnedModel &) = delete;

 private:
  std::shared_ptr<const CompiledModel> outer_;
};

// The same, with an error that says what is missing.
[[nodiscard]] std::shared_ptr<const CompiledModel> live_model(const std::string &name);

// The version of the model that the active snapshot sees: what a query computes from rows and events is of one version, whatever is
// published while it runs, and fits the states and scores that it reads beside that. Throws if nothing is published.
[[nodiscard]] ModelPointer model_to_read(const std::string &name);

// The version that a state or document names. Throws if it is gone.
[[nodiscard]] std::shared_ptr<const CompiledModel> model_version(std::int32_t model, std::int32_t version);

// A number that rises whenever something cached may have become stale.
[[nodiscard]] std::uint64_t configuration_generation() noexcept;

}  // namespace leadscore::pg
