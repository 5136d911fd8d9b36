#include "pg/decay_name.hpp"

#include "core/error.hpp"

namespace leadscore::pg {

DecayKind decay_kind(const std::string &name) {
  if (name == "none") return DecayKind::none;
  if (name == "half_life") return DecayKind::half_life;
  if (name == "linear") return DecayKind::linear;
  if (name == "step") return DecayKind::step;
  if (name == "window") return DecayKind::window;
  throw InvalidModel("unknown decay \"" + name + "\"");
}

}  // namespace leadscore::pg
