#include "pg/cause.hpp"

#include "core/error.hpp"

namespace leadscore::pg {

const char *cause_name(Cause cause) noexcept {
  switch (cause) {
    case Cause::time:
      return "time";
    case Cause::event:
      return "event";
    case Cause::lead:
      return "lead";
    case Cause::publish:
      return "publish";
    case Cause::rebuild:
      return "rebuild";
    case Cause::adjustment:
      return "adjustment";
  }
  return "unknown";
}

Cause parse_cause(const std::string &name) {
  for (const Cause cause : {Cause::time, Cause::event, Cause::lead, Cause::publish, Cause::rebuild, Cause::adjustment})
    if (name == cause_name(cause)) return cause;
  throw InvalidArgument("unknown cause \"" + name + "\"");
}

}  // namespace leadscore::pg
