// The aggregates over events (event_state, engagement), over states (merge), and decayed_sum, which needs no model.

#include <cmath>
#include <map>
#include <utility>

#include "core/award_log.hpp"
#include "core/evaluate.hpp"
#include "pg/arguments.hpp"
#include "pg/progress.hpp"
#include "pg/row_shape.hpp"
#include "pg/rule_cache.hpp"
#include "pg/scorer.hpp"
#include "pg/session.hpp"
#include "pg/state_datum.hpp"
#include "pg/time.hpp"

namespace {

using namespace leadscore;
using namespace leadscore::pg;

// Most events go into sums.
constexpr std::uint32_t first_capacity = 0;
constexpr std::uint32_t least_growth = 6;

// What one call site of an aggregate over events keeps from row to row, for each model.
struct EventCallSite {
  explicit EventCallSite(const std::string &model) : scorer(model_to_read(model)) {}

  Scorer scorer;
  RowShape shape;
  const EventSource *source = nullptr;
  EventColumns columns;
};

void require_aggregate(FunctionCallInfo fcinfo) {
  if (AggCheckCallContext(fcinfo, nullptr) == 0)
    throw UserError(ERRCODE_FEATURE_NOT_SUPPORTED, "transition function called outside of an aggregate");
}

// In the current memory, which the executor forgets after this row: it keeps a copy of what is not the value that it gave.
varlena *new_log(const Program &program, Instant horizon, std::uint32_t capacity) {
  varlena *value = allocate_state(AwardLog::size_for(program, capacity));
  (void)AwardLog::start(writable_bytes(value), program, horizon);
  return value;
}

// The log with room for another entry, which may be another one: folded first, grown only if that frees less than half.
varlena *with_room(varlena *value, const Program &program) {
  AwardLog log(writable_bytes(value));
  if (log.free() > 0) return value;
  const std::uint32_t kept = log.compact(program);
  if (kept < log.capacity() && kept <= log.capacity() / 2) return value;
  varlena *grown = new_log(program, log.horizon(), std::max(least_growth, log.capacity() * 2));
  AwardLog(writable_bytes(grown)).copy_from(log);
  return grown;
}

Instant horizon_argument(FunctionCallInfo fcinfo) {
  const Instant horizon = instant_argument(fcinfo, 3).value_or(transaction_start());
  if (horizon == distant_past || horizon == distant_future)
    throw UserError(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE, "the instant of an aggregate over events must be finite");
  return horizon;
}

// Whether the row is to be left out: of an unknown model, or at an unknown instant.
bool is_left_out(FunctionCallInfo fcinfo) { return !has_argument(fcinfo, 1) || (fcinfo->nargs > 3 && !has_argument(fcinfo, 3)); }

struct EventCallSites {
  std::map<std::string, EventCallSite> by_model;
  std::pair<const std::string, EventCallSite> *latest = nullptr;
};

EventCallSite &site_of_model(FunctionCallInfo fcinfo) {
  auto &sites = call_site<EventCallSites>(fcinfo, [] { return EventCallSites{}; });
  if (sites.latest == nullptr || !is_text_argument(fcinfo, 1, sites.latest->first)) {
    const std::string model = text_argument(fcinfo, 1);
    sites.latest = &*sites.by_model.try_emplace(model, model).first;
  }
  return sites.latest->second;
}

// The log is for the model and the instant of its first row.
void require_same_log(FunctionCallInfo fcinfo, const AwardLog &log, const Program &program) {
  if (log.model() != program.model || log.version() != program.version) {
    throw UserError(ERRCODE_INVALID_PARAMETER_VALUE, "events that are added up must be scored by one model", {},
                    "Group by the model, too.");
  }
  if (fcinfo->nargs > 3 && horizon_argument(fcinfo) != log.horizon()) {
    throw UserError(ERRCODE_INVALID_PARAMETER_VALUE, "events that are added up must be scored at one instant", {},
                    "Group by the instant, too.");
  }
}

void follow_shape(EventCallSite &site, HeapTupleHeader event) {
  if (!site.shape.changes_to(event)) return;
  site.source = &source_of(site.scorer.model(), site.shape.type());
  site.columns = event_columns(*site.source, site.scorer.model().key_type, site.shape.descriptor());
}

// The value of the events of a log at its horizon, those alone. Null for a null log.
std::optional<double> events_value(FunctionCallInfo fcinfo) {
  if (PG_ARGISNULL(0)) return std::nullopt;
  const BoundState bound = bind_state(PG_GETARG_DATUM(0));
  return evaluate(bound.program(), bound.state, bound.state.horizon, Part::events)[root_dimension];
}

}  // namespace

// (log, model, event [, as_of]): the transition function of event_state and engagement.
LEADSCORE_FUNCTION(event_state_step) {
  require_aggregate(fcinfo);
  if (is_left_out(fcinfo)) return PG_ARGISNULL(0) ? null_result(fcinfo) : PG_GETARG_DATUM(0);
  EventCallSite &site = site_of_model(fcinfo);
  const Program &program = site.scorer.program();
  varlena *value = PG_ARGISNULL(0) ? new_log(program, horizon_argument(fcinfo), first_capacity)
                                   : reinterpret_cast<varlena *>(PG_GETARG_POINTER(0));
  require_same_log(fcinfo, AwardLog(writable_bytes(value)), program);
  if (!has_argument(fcinfo, 2)) return PointerGetDatum(value);

  count_progress(Step::read_events);
  HeapTupleHeader event = site.shape.row_argument(fcinfo, 2);
  follow_shape(site, event);
  const Row row = site.shape.row(event);
  const EventFacts facts = read_event(row, site.columns, *site.source, site.scorer.model().key_type);
  if (!facts.has_at) return PointerGetDatum(value);
  AwardLog(writable_bytes(value)).note_event(facts.at);
  site.scorer.enter(row, facts.kind, facts.at, [&](SlotIndex slot, Instant at, double points) {
    if (AwardLog(writable_bytes(value)).add(program, slot, at, points)) return;
    value = with_room(value, program);
    AwardLog(writable_bytes(value)).append(slot, at, points);
  });
  return PointerGetDatum(value);
}

// The final function of event_state and merge: the log, or state, as a state.
LEADSCORE_FUNCTION(state_final) {
  if (PG_ARGISNULL(0)) return null_result(fcinfo);
  return make_state(bind_state(PG_GETARG_DATUM(0)).state);
}

LEADSCORE_FUNCTION(engagement_final) { return float8_result(fcinfo, events_value(fcinfo)); }

// (state, state): the transition function of merge, and the combine function of all three.
LEADSCORE_FUNCTION(state_combine) {
  require_aggregate(fcinfo);
  if (PG_ARGISNULL(0) && PG_ARGISNULL(1)) return null_result(fcinfo);
  if (PG_ARGISNULL(1)) return PG_GETARG_DATUM(0);
  if (PG_ARGISNULL(0)) return make_state(bind_state(PG_GETARG_DATUM(1)).state);
  BoundState left = bind_state(PG_GETARG_DATUM(0));
  merge(left.program(), left.state, bind_state(PG_GETARG_DATUM(1)).state);
  return make_state(left.state);
}

// (sum, points, at, half_life [, as_of]): the transition function of decayed_sum. Rows with a null are left out.
LEADSCORE_FUNCTION(decayed_sum_step) {
  require_aggregate(fcinfo);
  const bool has_as_of = fcinfo->nargs > 4;
  const bool is_whole =
      has_argument(fcinfo, 1) && has_argument(fcinfo, 2) && has_argument(fcinfo, 3) && (!has_as_of || has_argument(fcinfo, 4));
  if (!is_whole) return PG_ARGISNULL(0) ? null_result(fcinfo) : PG_GETARG_DATUM(0);
  const Interval *half_life = PG_GETARG_INTERVAL_P(3);
  const Duration period = call([half_life] { return to_duration(half_life); });
  if (period <= Duration(0)) throw UserError(ERRCODE_INVALID_PARAMETER_VALUE, "half_life must be positive");
  const Decay decay{.kind = DecayKind::half_life, .period = period};
  const Instant as_of = instant_argument(fcinfo, 4).value_or(transaction_start());
  const double sum = PG_ARGISNULL(0) ? 0 : PG_GETARG_FLOAT8(0);
  const double factor = decay.factor(to_instant(PG_GETARG_TIMESTAMPTZ(2)), as_of);
  // A row that does not count yet, or no more, does not whatever its points: infinity times 0 is no number.
  return Float8GetDatum(factor == 0 ? sum : sum + PG_GETARG_FLOAT8(1) * factor);
}
