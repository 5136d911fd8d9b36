// One lead's score and its explanation at any instant, from the lead's row and events: score(model, lead [, at]), explain(model,
// lead [, at]).
//
// They run with the caller's rights: who may not read the leads or events sees no score of them.

#include "core/evaluate.hpp"
#include "core/explain.hpp"
#include "pg/adjustments.hpp"
#include "pg/arguments.hpp"
#include "pg/one_lead.hpp"
#include "pg/query.hpp"
#include "pg/row_shape.hpp"
#include "pg/rule_cache.hpp"
#include "pg/scorer.hpp"
#include "pg/session.hpp"
#include "pg/state_datum.hpp"
#include "pg/time.hpp"
#include "pg/write.hpp"

namespace {

using namespace leadscore;
using namespace leadscore::pg;

// The instant asked for in argument 2, or now. A score is asked for at an instant, so it must be one.
Instant asked_instant(FunctionCallInfo fcinfo) {
  const Instant at = instant_argument(fcinfo, 2).value_or(transaction_start());
  if (at == distant_past || at == distant_future)
    throw UserError(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE, "a score is asked for at a finite instant");
  return at;
}

// Calls `visit(row)` for each row of the last query, whose only column is a whole row. What it allocates of PostgreSQL's memory is
// gone before the next row.
template <typename Visit>
void for_each_row(const Rows &rows, Visit visit) {
  RowShape shape;
  ScratchMemory scratch;
  for (std::uint64_t i = 0; i < rows.count(); ++i) {
    const Datum value = rows.datum(i, 1);
    HeapTupleHeader tuple = call([value] { return DatumGetHeapTupleHeader(value); });
    (void)shape.changes_to(tuple);
    visit(shape.row(tuple));
    scratch.reset();
  }
}

std::string rows_of_lead(const CompiledModel &model, Oid relation, const std::string &column) {
  return "SELECT r FROM " + qualified_table(relation) + " r WHERE r." + quoted(column) + " " + model.key_type.equality +
         " ANY ($1)";
}

// Every award that the events of the lead were given.
std::vector<RuleAward> awards_of_lead(Scorer &scorer, const Parameter &keys) {
  const CompiledModel &model = scorer.model();
  std::vector<RuleAward> awards;
  for (const EventSource &source : model.sources) {
    const Rows rows = run_query(rows_of_lead(model, source.relation, source.lead), {keys}, true);
    for_each_row(rows, [&](const Row &row) {
      const EventColumns columns = event_columns(source, model.key_type, row.descriptor());
      const EventFacts facts = read_event(row, columns, source, model.key_type);
      if (!facts.has_at) return;
      for (const EventAward &award : scorer.awards(row, facts.kind))
        awards.push_back({.rule = award.rule, .at = facts.at, .points = award.points});
    });
  }
  return awards;
}

// The explanation of an eligible lead; none for one that is not, or that does not exist.
std::optional<std::vector<Contribution>> explain_lead(const ModelPointer &model, Datum key, Instant at) {
  const SpiScope spi;
  const Parameter keys = key_array_parameter(*model, key);
  Scorer scorer(model);
  State lead = empty_state(model->program);
  for_each_row(run_query(rows_of_lead(*model, model->leads, model->key), {keys}, true),
               [&lead, &scorer](const Row &row) { scorer.read_lead(row, lead); });
  if (!lead.has_lead || !is_eligible(lead)) return std::nullopt;
  const std::vector<RuleAward> awards = awards_of_lead(scorer, keys);
  const std::vector<LabelledAdjustment> adjustments = adjustments_of_lead(*model, keys);
  return explain(model->program,
                 {.answers = lead.answers, .created_at = lead.created_at, .awards = awards, .adjustments = adjustments}, at);
}

void put_contribution(const ReturnSetInfo *result, const Contribution &row, double score) {
  call([result, &row, score] {
    Datum values[] = {CStringGetTextDatum(row.path.c_str()),
                      row.rule ? CStringGetTextDatum(row.rule->c_str()) : Datum{0},
                      Int64GetDatum(row.awards.value_or(0)),
                      row.last_at ? TimestampTzGetDatum(to_timestamp(*row.last_at)) : Datum{0},
                      Float8GetDatum(row.points),
                      Float8GetDatum(score != 0 ? row.points / score : 0),
                      row.best ? CStringGetTextDatum(row.best->c_str()) : Datum{0}};
    bool nulls[] = {false, !row.rule, !row.awards, !row.last_at, false, score == 0, !row.best};
    tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
  });
}

}  // namespace

LEADSCORE_FUNCTION(lead_score) {
  const ModelPointer model = model_to_read(text_argument(fcinfo, 0));
  const PinnedModel pin(model);
  const Instant at = asked_instant(fcinfo);
  const std::optional<State> state = lead_state_at(*model, key_argument(fcinfo, 1, *model), at);
  if (!state || !is_eligible(*state)) return null_result(fcinfo);
  return Float8GetDatum(evaluate(model->program, *state, at)[root_dimension]);
}

LEADSCORE_FUNCTION(explain) {
  call([fcinfo] { InitMaterializedSRF(fcinfo, 0); });
  const ModelPointer model = model_to_read(text_argument(fcinfo, 0));
  const PinnedModel pin(model);
  const Instant at = asked_instant(fcinfo);
  const auto rows = explain_lead(model, key_argument(fcinfo, 1, *model), at);
  if (!rows) return Datum{0};
  const auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
  for (const Contribution &row : *rows) put_contribution(result, row, rows->front().points);
  return Datum{0};
}
