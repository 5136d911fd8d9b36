#include "pg/scorer.hpp"

#include <cmath>

#include "pg/guard.hpp"
#include "pg/jsonpath.hpp"

namespace leadscore::pg {

namespace {

// An event may matter to a rule though it is worth no points: where events are counted, or bring something else about.
bool counts_events(const Program &program, const EventRule &rule) noexcept {
  return !rule.marks.empty() || (rule.slot && program.slots[*rule.slot].kind != SlotKind::awards);
}

}  // namespace

void warn(int sqlstate, const std::string &message, const std::string &detail) {
  call([sqlstate, &message, &detail] {
    ereport(WARNING, (errcode(sqlstate), errmsg_internal("%s", message.c_str()), errdetail_internal("%s", detail.c_str())));
  });
}

Scorer::Scorer(std::shared_ptr<const CompiledModel> model)
    : model_(std::move(model)),
      document_([this](int sqlstate, const std::string &message) { report("a row", sqlstate, message); }) {}

void Scorer::report(const std::string &item, int sqlstate, const std::string &message) {
  if (!reported_.insert(item).second) return;
  warn(sqlstate, item + " of model \"" + model_->name + "\" could not be evaluated and awards nothing", message);
}

void Scorer::report_rule(std::uint32_t rule, const ErrorData &error) {
  report("rule \"" + program().event_rules[rule].name + "\"", error);
}

void Scorer::read_lead(const Row &lead, State &state) {
  if (!lead_reader_) {
    lead_reader_.emplace(model_->lead_conditions(), [this](std::optional<std::size_t> answer, const ErrorData &error) {
      report(answer ? model_->answer_owner(static_cast<AnswerIndex>(*answer)) : "a row", error);
    });
  }
  if (const ShapeIdentity shape = lead.shape(); lead_shape_ != shape) {
    created_at_ = model_->created_at ? find_column(lead.descriptor(), *model_->created_at) : std::nullopt;
    // A column that is no time, or is not there, tells no time: the row may come from anywhere.
    if (created_at_ && !is_instant_type(created_at_->type)) created_at_.reset();
    lead_shape_ = shape;
  }
  document_.start(lead);
  state.has_lead = true;
  model_->lead_conditions().set().write_answers(lead_reader_->ask(lead, document_), state.answers);
  state.created_at = distant_past;
  if (!created_at_) return;
  const std::optional<Instant> at = instant_of(lead, *created_at_);
  if (at && *at != distant_future) state.created_at = *at;
}

const std::vector<EventAward> &Scorer::awards(const Row &event, std::string_view kind_name) {
  awards_.clear();
  const KindRules &kind = model_->rules_of_kind(kind_name);
  if (kind.rules.empty()) return awards_;
  KindReader &reader = reader_of(kind);
  document_.start(event);
  const ConditionSet::Truths &truths = reader.conditions.ask(event, document_);
  ConditionSet::for_each_met(truths, [&](std::size_t i) {
    const EventRule &rule = program().event_rules[kind.rules[i]];
    double points = rule.points;
    if (kind.multipliers[i].path != nullptr) points *= multiplier(kind, i, reader, event);
    const bool is_award = points != 0 && std::fabs(points) <= largest_award;
    if (is_award || counts_events(program(), rule)) awards_.push_back({.rule = kind.rules[i], .points = is_award ? points : 0});
  });
  return awards_;
}

Scorer::KindReader &Scorer::reader_of(const KindRules &kind) {
  if (kind_readers_.size() <= kind.index) kind_readers_.resize(kind.index + 1);
  std::unique_ptr<KindReader> &reader = kind_readers_[kind.index];
  if (reader == nullptr) {
    const auto report_condition = [this, &kind](std::optional<std::size_t> condition, const ErrorData &error) {
      if (condition)
        report_rule(kind.rules[*condition], error);
      else
        report("a row", error);
    };
    reader = std::make_unique<KindReader>(
        KindReader{.conditions = ConditionReader(kind.conditions, report_condition), .multipliers = {}});
    for (const Multiplier &each : kind.multipliers)
      reader->multipliers.push_back(each.place ? std::optional<NumberReader>(*each.place) : std::nullopt);
  }
  return *reader;
}

// What is no number is 0: the rule awards nothing.
double Scorer::multiplier(const KindRules &kind, std::size_t rule, KindReader &reader, const Row &event) {
  const auto report_this = [this, &kind, rule](const ErrorData &error) { report_rule(kind.rules[rule], error); };
  std::optional<NumberReader> &place = reader.multipliers[rule];
  if (!place) return number(document_.get(), kind.multipliers[rule].path, model_->params, report_this).value_or(0);
  return place->read(event, document_, report_this).value_or(0);
}

}  // namespace leadscore::pg
