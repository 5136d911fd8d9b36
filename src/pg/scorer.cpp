#include "pg/scorer.hpp"

#include <cmath>

#include "pg/guard.hpp"
#include "pg/jsonpath.hpp"

namespace leadscore::pg {

void warn(int sqlstate, const std::string &message, const std::string &detail) {
  call([sqlstate, &message, &detail] {
    ereport(WARNING, (errcode(sqlstate), errmsg_internal("%s", message.c_str()), errdetail_internal("%s", detail.c_str())));
  });
}

void Scorer::report(const std::string &item, int sqlstate, const std::string &message) {
  if (!reported_.insert(item).second) return;
  warn(sqlstate, item + " of model \"" + model_->name + "\" could not be evaluated and awards nothing", message);
}

// A column that is no time, or is not there, tells no time: the row may come from anywhere.
void Scorer::follow_shape(TupleDesc descriptor) {
  if (descriptor_ == descriptor) return;
  is_pure_ = has_pure_columns(descriptor);
  distrusted_ = is_pure_ ? InvalidOid : type_with_foreign_cast(descriptor);
  created_at_ = model_->created_at ? find_column(descriptor, *model_->created_at) : std::nullopt;
  if (created_at_ && !is_instant_type(created_at_->type)) created_at_.reset();
  descriptor_ = descriptor;
}

Jsonb *Scorer::document(const Row &row) {
  follow_shape(row.descriptor());
  if (OidIsValid(distrusted_)) {
    report("a row", ERRCODE_INSUFFICIENT_PRIVILEGE,
           "The cast of type " + type_name(distrusted_, -1) +
               " to json is code of a role that is neither the model's owner nor a superuser. As SECURITY DEFINER it would run "
               "with that"
               " role's own rights.");
    return nullptr;
  }
  return row_to_jsonb(row, is_pure_, [this](const ErrorData &error) { report("a row", error); });
}

void Scorer::read_lead(const Row &lead, State &state) {
  follow_shape(lead.descriptor());
  state.has_lead = true;
  state.answers = answers(lead);
  state.created_at = distant_past;
  if (!created_at_) return;
  const std::optional<Instant> at = call([this, &lead] { return instant_of(lead, *created_at_); });
  if (at && *at != distant_future) state.created_at = *at;
}

std::vector<Answer> Scorer::answers(const Row &lead) {
  const std::vector<const JsonPath *> &paths = model_->answers;
  std::vector<Answer> result(paths.size(), Answer::unknown);
  const Jsonb *lead_document = document(lead);
  for (AnswerIndex i = 0; i < paths.size(); ++i)
    result[i] = match(lead_document, paths[i], model_->params,
                      [this, i](const ErrorData &error) { report(model_->answer_owner(i), error); });
  return result;
}

namespace {

// An event may matter to a rule though it is worth no points: where events are counted, or bring something else about.
bool counts_events(const Program &program, const EventRule &rule) noexcept {
  return !rule.marks.empty() || (rule.slot && program.slots[*rule.slot].kind != SlotKind::awards);
}

}  // namespace

const std::vector<EventAward> &Scorer::awards(const Row &event, const char *kind) {
  awards_.clear();
  const Jsonb *event_document = nullptr;
  bool is_read = false;
  for (std::uint32_t i = 0; i < program().event_rules.size(); ++i) {
    const EventRule &rule = program().event_rules[i];
    if (!rule.matches(kind != nullptr ? kind : "")) continue;
    const JsonPath *condition = model_->conditions[i];
    const JsonPath *multiplier = model_->multipliers[i];
    if (!is_read && (condition != nullptr || multiplier != nullptr)) {
      event_document = document(event);
      is_read = true;
    }
    const auto report_rule = [this, &rule](const ErrorData &error) { report("rule \"" + rule.name + "\"", error); };
    if (match(event_document, condition, model_->params, report_rule) != Answer::is_true) continue;
    double points = rule.points;
    if (multiplier != nullptr) points *= number(event_document, multiplier, model_->params, report_rule).value_or(0);
    const bool is_award = points != 0 && std::fabs(points) <= largest_award;
    if (is_award || counts_events(program(), rule)) awards_.push_back({.rule = i, .points = is_award ? points : 0});
  }
  return awards_;
}

}  // namespace leadscore::pg
