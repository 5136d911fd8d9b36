#include "pg/everybody.hpp"

#include <span>
#include <string>
#include <vector>

#include "pg/arrays.hpp"
#include "pg/cause.hpp"
#include "pg/guard.hpp"
#include "pg/progress.hpp"
#include "pg/query.hpp"
#include "pg/recompute.hpp"
#include "pg/rule_cache.hpp"
#include "pg/tier_changes.hpp"
#include "pg/write.hpp"
#include "pg/writers.hpp"

namespace leadscore::pg {

namespace {

// Writers are kept waiting while the last changes are caught up with: for some milliseconds with that many leads.
constexpr std::uint64_t few_leads = 200;
// The states that count no more are removed at once where there are so few, and left to those who keep nobody waiting where not.
constexpr std::int64_t few_states = 10'000;
// Where leads change faster than they can be scored, although writers are slowed down, these have to wait in the end.
constexpr int most_rounds = 50;

// The generation that is being made.
class NewGeneration {
 public:
  NewGeneration(const CompiledModel &model, Cause cause)
      : model_(model), cause_(cause), generation_(model.generation + 1), at_(GetCurrentTimestamp()) {}

  [[nodiscard]] std::int64_t leads() const noexcept { return leads_; }

  void remove_left_overs() {
    remove_states_before(model_.generation);
    run("DELETE FROM " + table("changed"));
  }

  void score_all() {
    const Rows rows = run_query(insert_query(source(RecomputeKeys::of_data, "FULL JOIN", "s WHERE " + model_.is_live("s"))),
                                {instant_parameter(at_)}, false);
    if (add_result(rows) > 0)
      run("DELETE FROM " + model_.state_table() + " s WHERE " + is_new("s") + " AND leadscore.is_empty(s.state)");
  }

  // Scores once more what has changed since, as far as it is committed. Returns the number of leads.
  std::uint64_t catch_up() {
    const Rows rows = run_query("DELETE FROM " + table("changed") + " c RETURNING c.lead", {}, false);
    if (rows.count() == 0) return 0;
    LeadWrites changed(model_);
    for (std::uint64_t i = 0; i < rows.count(); ++i) (void)changed[rows.datum_of_type(i, 1, model_.key_type.base_type)];
    const std::vector<Datum> leads = changed.take_keys();
    const Parameter keys{.type = model_.key_type.array_type, .value = key_array(model_, leads)};
    forget(keys);
    const std::string among = "s.lead " + model_.key_type.equality + " ANY ($2)";
    const Rows scored =
        run_query(insert_query(source(RecomputeKeys::given, "RIGHT JOIN", "s WHERE " + model_.is_live("s") + " AND " + among)),
                  {instant_parameter(at_), keys}, false);
    if (add_result(scored) > 0) {
      run("DELETE FROM " + model_.state_table() + " s WHERE " + is_new("s") + " AND " + "s.lead " + model_.key_type.equality +
              " ANY ($1) AND leadscore.is_empty(s.state)",
          {keys});
    }
    return leads.size();
  }

  // Until few leads are left; and what is written is on disk, so that the commit, for which others wait, has little left to write.
  void catch_up_nearly() {
    std::uint64_t before = 0;
    for (int round = 0; round < most_rounds; ++round) {
      const std::uint64_t leads = catch_up();
      if (leads <= few_leads) break;
      if (before > 0 && leads > before / 2) slow_writers_down(model_);
      before = leads;
      call([] { CHECK_FOR_INTERRUPTS(); });
    }
    call([] { XLogFlush(XactLastRecEnd); });
  }

  // So that the next refresh finds the few that are due by their index, and does not take them for a third of all.
  void analyze() const {
    const Rows mine = run_query("SELECT pg_has_role(c.relowner, 'USAGE') FROM pg_class AS c WHERE c.oid = $1",
                                {{.type = OIDOID, .value = ObjectIdGetDatum(model_.states)}}, true);
    if (mine.count() == 1 && DatumGetBool(mine.datum(0, 1))) run("ANALYZE " + model_.state_table() + " (lead, generation, due_at)");
  }

  // With no writer under way, and everything caught up with.
  void go_live() {
    run("DELETE FROM " + table("pending"));
    if (model_.notify && !recorded_.empty()) {
      run("SELECT count(" + notification(model_) + ") FROM " + table("tier_changes") + " r WHERE r.ctid = ANY ($1)", {recorded()});
    }
    run("DELETE FROM " + table("live"));
    run("INSERT INTO " + table("live") + " (generation) VALUES ($1)", {integer_parameter(generation_)});
    if (leads_ <= few_states) remove_states_before(generation_);
    note_settled(RecomputePart::all);
  }

 private:
  [[nodiscard]] std::string table(const char *name) const { return quoted(model_.name) + "." + name; }
  [[nodiscard]] std::string is_new(const std::string &alias) const {
    return alias + ".generation = " + std::to_string(generation_);
  }

  // Who still reads them, under an older snapshot, goes on seeing them.
  void remove_states_before(std::int32_t generation) const {
    run("DELETE FROM " + model_.state_table() + " s WHERE s.generation < $1", {integer_parameter(generation)});
  }

  static void run(const std::string &sql, std::initializer_list<Parameter> parameters = {}) {
    (void)run_query(sql, parameters, false);
  }

  // (lead, state): the states as they are to be stored. One that is stored but that the data do not give is of nobody: it is
  // written as empty, so that leaving a tier is recorded, and then deleted.
  [[nodiscard]] std::string source(RecomputeKeys keys, const std::string &join, const std::string &stored) const {
    return "SELECT coalesce(s.lead, r.lead), leadscore.rescore_state(" + quoted_literal(model_.name) + ", s.state, r.state, '" +
           cause_name(cause_) + "', $1) FROM (SELECT s.lead, s.state FROM " + model_.state_table() + " " + stored + ") s " + join +
           " (" + recompute_query(model_, RecomputePart::all, keys) + ") r ON s.lead " + model_.key_type.equality + " r.lead";
  }

  // Gives how many of the states are empty, how many are not, and where the changes of tier are recorded.
  [[nodiscard]] std::string insert_query(const std::string &source) const {
    return "WITH written AS (INSERT INTO " + model_.state_table() + " AS s (lead, state, generation) SELECT c.*, " +
           std::to_string(generation_) + " FROM (" + source +
           ") c RETURNING s.lead, CASE WHEN leadscore.has_changes(s.state) THEN s.state END AS changed,"
           " leadscore.is_empty(s.state) AS is_empty), recorded AS (INSERT INTO " +
           table("tier_changes") +
           " AS t (lead, at, recorded_at, from_tier, to_tier, score, version, cause)"
           " SELECT w.lead, c.at, clock_timestamp(), c.from_tier, c.to_tier, c.score, c.version, c.cause FROM written w"
           " CROSS JOIN LATERAL leadscore.changes(w.changed) c WHERE w.changed IS NOT NULL RETURNING t.ctid)"
           " SELECT count(*) FILTER (WHERE w.is_empty), count(*) FILTER (WHERE NOT w.is_empty),"
           " (SELECT array_agg(r.ctid) FROM recorded r) FROM written w";
  }

  // Returns the number of empty states.
  std::int64_t add_result(const Rows &rows) {
    leads_ += DatumGetInt64(rows.datum(0, 2));
    if (!rows.is_null(0, 3)) {
      const Datum places = rows.datum(0, 3);
      const ArrayType *array = call([places] { return DatumGetArrayTypeP(places); });
      const auto *first = reinterpret_cast<const ItemPointerData *>(ARR_DATA_PTR(array));
      const auto count = static_cast<std::size_t>(call([array] { return ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)); }));
      recorded_.insert(recorded_.end(), first, first + count);
    }
    return DatumGetInt64(rows.datum(0, 1));
  }

  // Takes back the states of these leads, and the changes of tier recorded with them.
  void forget(const Parameter &keys) {
    const std::string among = " " + model_.key_type.equality + " ANY ($1)";
    const Rows removed = run_query("WITH removed AS (DELETE FROM " + model_.state_table() + " s WHERE " + is_new("s") +
                                       " AND s.lead" + among + " RETURNING 1) SELECT count(*) FROM removed",
                                   {keys}, false);
    leads_ -= DatumGetInt64(removed.datum(0, 1));
    if (recorded_.empty()) return;
    run("DELETE FROM " + table("tier_changes") + " t WHERE t.lead" + among + " AND t.ctid = ANY ($2)", {keys, recorded()});
  }

  // As a parameter of type tid[].
  [[nodiscard]] Parameter recorded() {
    ArrayBuilder places({.type = TIDOID, .length = sizeof(ItemPointerData), .by_value = false, .alignment = TYPALIGN_SHORT});
    places.reserve(recorded_.size());
    for (ItemPointerData &place : recorded_) places.add(PointerGetDatum(&place));
    return {.type = TIDARRAYOID, .value = places.build()};
  }

  const CompiledModel &model_;
  Cause cause_;
  std::int32_t generation_;
  TimestampTz at_;
  std::int64_t leads_ = 0;
  std::vector<ItemPointerData> recorded_;  // rows of tier_changes; some of them taken back since
};

void wait_for_switch(const CompiledModel &model, Cause cause) {
  (void)run_query("SELECT leadscore.wait_for_switch($1, $2)", {text_parameter(model.name), text_parameter(cause_name(cause))},
                  false);
}

// True once no writer is under way and none can begin, and all else that takes locks is done.
bool try_switch(const CompiledModel &model, Cause cause, std::int32_t attempt) {
  const Rows rows = run_query("SELECT leadscore.try_switch($1, $2, $3)",
                              {text_parameter(model.name), text_parameter(cause_name(cause)), integer_parameter(attempt)}, false);
  return DatumGetBool(rows.datum(0, 1));
}

// Others have the tables to themselves for a while.
void pause() { (void)run_query("SELECT pg_sleep(0.1)", {}, true); }

}  // namespace

std::int64_t score_everybody(const std::shared_ptr<const CompiledModel> &model, Cause cause) {
  const PinnedModel pinned(model);
  Progress progress(*model, cause);
  progress.say("waiting for those who write");
  NewGeneration generation(*model, cause);
  (void)run_query("SELECT leadscore.begin_noting($1)", {text_parameter(model->name)}, false);
  wait_for_holders(model->live, ShareLock);
  progress.say("removing what the last one left");
  generation.remove_left_overs();
  progress.say_reading();
  generation.score_all();
  progress.say("analyzing the states");
  generation.analyze();
  for (std::int32_t attempt = 0;; ++attempt) {
    progress.say("waiting for those who write");
    wait_for_switch(*model, cause);
    progress.say("catching up");
    generation.catch_up_nearly();
    if (try_switch(*model, cause, attempt)) break;
    pause();
  }
  (void)generation.catch_up();
  generation.go_live();
  return generation.leads();
}

}  // namespace leadscore::pg
