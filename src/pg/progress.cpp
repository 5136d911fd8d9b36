#include "pg/progress.hpp"

#include "pg/cause.hpp"
#include "pg/guard.hpp"
#include "pg/query.hpp"

namespace leadscore::pg {

namespace {

constexpr TimestampTz say_every = USECS_PER_SEC / 2;
constexpr TimestampTz tell_every = 10 * USECS_PER_SEC;

Progress *current = nullptr;

// As far as PostgreSQL's statistics know; 0: not at all.
double expected_rows(Oid relation) {
  const Rows rows = run_query(
      "SELECT sum(greatest(c.reltuples, 0))::float8 FROM leadscore.family($1) AS f(member) JOIN pg_class AS c ON c.oid = f.member"
      " WHERE c.relkind = 'r'",
      {{.type = REGCLASSOID, .value = ObjectIdGetDatum(relation)}}, true);
  return rows.float8_or(0, 1, 0);
}

const char *name_of(Step step) noexcept {
  switch (step) {
    case Step::read_leads:
      return "reading leads";
    case Step::read_events:
      return "reading events";
    case Step::score_leads:
      break;
  }
  return "scoring leads";
}

std::string call_of(const std::string &model, Cause cause) {
  std::string name = std::string("leadscore.") + cause_name(cause) + "('";
  for (const char letter : model) name += letter == '\'' ? "''" : std::string(1, letter);
  return name + "')";
}

}  // namespace

Progress::Progress(const CompiledModel &model, Cause cause) : name_(call_of(model.name, cause)), last_told_(GetCurrentTimestamp()) {
  expected_[static_cast<std::size_t>(Step::read_leads)] = expected_rows(model.leads);
  expected_[static_cast<std::size_t>(Step::score_leads)] = expected_rows(model.leads);
  for (const EventSource &source : model.sources)
    expected_[static_cast<std::size_t>(Step::read_events)] += expected_rows(source.relation);
  current = this;
}

Progress::~Progress() {
  current = nullptr;
  pgstat_report_activity(STATE_RUNNING, debug_query_string);
}

void Progress::say_reading() {
  say("reading");
  counts_ = true;
}

void Progress::say(const std::string &what) {
  counts_ = false;
  const std::string text = name_ + ": " + what;
  pgstat_report_activity(STATE_RUNNING, text.c_str());
  last_said_ = 0;
}

void Progress::say(Step step, std::uint64_t rows) {
  const TimestampTz now = GetCurrentTimestamp();
  if (now - last_said_ < say_every) return;
  last_said_ = now;
  std::string text = name_ + ": " + name_of(step) + ": " + std::to_string(rows);
  const double expected = expected_[static_cast<std::size_t>(step)];
  if (expected >= 1) text += " of about " + std::to_string(static_cast<std::uint64_t>(expected));
  pgstat_report_activity(STATE_RUNNING, text.c_str());
  tell_caller(now, text);
}

void Progress::tell_caller(TimestampTz now, const std::string &text) {
  if (now - last_told_ < tell_every) return;
  last_told_ = now;
  call([&text] { ereport(NOTICE, (errmsg_internal("%s", text.c_str()))); });
}

void count_progress(Step step) {
  if (current != nullptr) current->count(step);
}

}  // namespace leadscore::pg
