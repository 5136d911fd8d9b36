// top(model, n [, at]): the leads with the highest scores.
//
// Ranked leads are read by falling ceilings (core/ceiling.hpp) until the n-th best score reaches the next ceiling. Only if it stays
// below what is ranked at all, the other leads are read, too.
//
// It runs with the caller's rights, as the view of the scores does.

#include <algorithm>
#include <functional>
#include <limits>
#include <vector>

#include "core/evaluate.hpp"
#include "pg/arguments.hpp"
#include "pg/generation.hpp"
#include "pg/query.hpp"
#include "pg/reading.hpp"
#include "pg/rule_cache.hpp"
#include "pg/session.hpp"
#include "pg/time.hpp"

namespace {

using namespace leadscore;
using namespace leadscore::pg;

// A lead that may be among the best. The datums live as long as the SPI connection.
struct Candidate {
  double score = 0;
  Datum lead = 0;
  Datum state = 0;

  friend bool operator>(const Candidate &a, const Candidate &b) noexcept { return a.score > b.score; }
};

// The best of the leads seen so far.
class Best {
 public:
  explicit Best(std::uint64_t wanted) : wanted_(wanted) {}

  void offer(const Candidate &candidate) {
    if (heap_.size() < wanted_) {
      heap_.push_back(candidate);
    } else if (candidate > heap_.front()) {
      std::ranges::pop_heap(heap_, std::greater<>());
      heap_.back() = candidate;
    } else {
      return;
    }
    std::ranges::push_heap(heap_, std::greater<>());
  }

  // True if no lead whose score is at most this changes the best any more, but for the choice among equals.
  [[nodiscard]] bool reaches(double ceiling) const noexcept {
    return wanted_ == 0 || (heap_.size() == wanted_ && heap_.front().score >= ceiling);
  }

  // By falling score, and by key where scores are equal.
  [[nodiscard]] std::vector<Candidate> sorted(const KeyType &key) && {
    std::ranges::sort(heap_, [&key](const Candidate &a, const Candidate &b) {
      return a.score != b.score ? a.score > b.score : key.compare(a.lead, b.lead) < 0;
    });
    return std::move(heap_);
  }

 private:
  std::uint64_t wanted_;
  std::vector<Candidate> heap_;  // the worst on top
};

class Search {
 public:
  Search(const CompiledModel &model, std::uint64_t wanted, Instant at)
      : model_(model),
        wanted_(wanted),
        at_(at),
        state_of_("FROM " + model.state_table() + " s"),
        is_live_("s.generation = " + std::to_string(live_generation(model.name))) {}

  std::vector<Candidate> best() {
    Best of_pending(wanted_);
    if (has_pending()) {
      consider_all(run_query("SELECT s.lead, leadscore.advance(s.state, r.state) " + state_of_ + " JOIN (" + pending_query() +
                                 ") r ON s.lead " + model_.key_type.equality + " r.lead WHERE " + is_live_,
                             {}, true),
                   of_pending);
      is_live_ += " AND NOT EXISTS (SELECT FROM " + quoted(model_.name) + ".pending p WHERE p.lead " + model_.key_type.equality +
                  " s.lead)";
    }
    // Most often little more than what is wanted has to be read. If not, it is read again, in a larger portion.
    for (std::uint64_t portion = 2 * wanted_ + 64;; portion *= 4) {
      Best best = of_pending;
      const Rows rows = ranked(portion);
      if (consider_ranked(rows, best)) return std::move(best).sorted(model_.key_type);
      if (rows.count() == portion) continue;
      if (!best.reaches(ranked_above_)) consider_all(unranked(), best);
      return std::move(best).sorted(model_.key_type);
    }
  }

  [[nodiscard]] Reading &read(const BoundState &bound) const { return reading(bound, std::max(at_, bound.state.horizon)); }

 private:
  [[nodiscard]] bool has_pending() const {
    return run_query("SELECT FROM " + quoted(model_.name) + ".pending LIMIT 1", {}, true).count() > 0;
  }

  [[nodiscard]] std::string pending_query() const {
    return run_query("SELECT leadscore.pending_query($1)", {text_parameter(model_.name)}, true).required_text(0, 1);
  }

  [[nodiscard]] Rows ranked(std::uint64_t portion) const {
    return run_query("SELECT s.lead, s.state, s.ceiling " + state_of_ + " WHERE " + is_live_ +
                         " AND s.ceiling IS NOT NULL ORDER BY s.ceiling DESC LIMIT " + std::to_string(portion),
                     {}, true);
  }

  [[nodiscard]] Rows unranked() const {
    return run_query("SELECT s.lead, s.state " + state_of_ + " WHERE " + is_live_ +
                         " AND s.ceiling IS NULL AND leadscore.is_scored(s.state)"
                         " ORDER BY leadscore.score(s.state, greatest($1, leadscore.horizon(s.state))) DESC LIMIT " +
                         std::to_string(wanted_),
                     {instant_parameter(to_timestamp(at_))}, true);
  }

  // True if none of the rows that follow matters.
  bool consider_ranked(const Rows &rows, Best &best) {
    for (std::uint64_t i = 0; i < rows.count(); ++i) {
      if (best.reaches(DatumGetFloat8(rows.datum(i, 3)))) return true;
      consider(rows, i, best);
    }
    return best.reaches(std::numeric_limits<double>::infinity());
  }

  void consider_all(const Rows &rows, Best &best) {
    for (std::uint64_t i = 0; i < rows.count(); ++i) consider(rows, i, best);
  }

  void consider(const Rows &rows, std::uint64_t row, Best &best) {
    call([] { CHECK_FOR_INTERRUPTS(); });
    const Datum state = rows.datum(row, 2);
    const BoundState &bound = bound_state(state);
    ranked_above_ = bound.program().ranked_above;
    if (!bound.state.has_lead || !is_eligible(bound.state)) return;
    best.offer({.score = read(bound).dimensions()[root_dimension], .lead = rows.datum(row, 1), .state = state});
  }

  const CompiledModel &model_;
  std::uint64_t wanted_;
  Instant at_;
  std::string state_of_;
  std::string is_live_;
  double ranked_above_ = std::numeric_limits<double>::infinity();  // of the version of the states; not known before one is read
};

std::uint64_t wanted_argument(FunctionCallInfo fcinfo) {
  const std::int64_t wanted = PG_GETARG_INT64(1);
  if (wanted < 0)
    throw UserError(ERRCODE_INVALID_PARAMETER_VALUE, "the number of leads must not be negative: " + std::to_string(wanted));
  return static_cast<std::uint64_t>(std::min<std::int64_t>(wanted, std::numeric_limits<std::int32_t>::max()));
}

Instant asked_instant(FunctionCallInfo fcinfo, const std::string &model) {
  const Instant at = to_instant(PG_GETARG_TIMESTAMPTZ(2));
  if (at == distant_future || at == distant_past)
    throw UserError(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE, "scores are asked for at a finite instant");
  if (at < transaction_start()) {
    const std::string name = quoted_literal(model);
    throw UserError(ERRCODE_INVALID_PARAMETER_VALUE, "the highest scores of the past are not kept in order", {},
                    "SELECT * FROM leadscore.scores_at(" + name + ", ...) ORDER BY score DESC LIMIT ... computes them.");
  }
  return at;
}

// The output function of a type.
struct Output {
  FmgrInfo function{};

  explicit Output(Oid type) {
    call([this, type] {
      Oid output = InvalidOid;
      bool is_varlena = false;
      getTypeOutputInfo(type, &output, &is_varlena);
      fmgr_info(output, &function);
    });
  }
};

}  // namespace

LEADSCORE_FUNCTION(top) {
  call([fcinfo] { InitMaterializedSRF(fcinfo, 0); });
  const std::string name = text_argument(fcinfo, 0);
  const auto model = live_model(name);
  const std::uint64_t wanted = wanted_argument(fcinfo);
  const Instant at = asked_instant(fcinfo, name);
  const SpiScope spi;
  Search search(*model, wanted, at);
  const std::vector<Candidate> best = search.best();
  Output output(model->key_type.base_type);
  const auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
  std::size_t rank = 0;
  for (std::size_t i = 0; i < best.size(); ++i) {
    const Candidate &candidate = best[i];
    if (i == 0 || candidate.score != best[i - 1].score) rank = i + 1;
    const BoundState &bound = bound_state(candidate.state);
    const TierIndex tier = search.read(bound).tier();
    const std::string *tier_name = tier == no_tier ? nullptr : &bound.program().tiers[static_cast<std::size_t>(tier)].name;
    call([result, rank, &candidate, &output, tier_name] {
      Datum values[] = {Int64GetDatum(static_cast<std::int64_t>(rank)),
                        CStringGetTextDatum(OutputFunctionCall(&output.function, candidate.lead)), Float8GetDatum(candidate.score),
                        tier_name == nullptr ? Datum{0} : CStringGetTextDatum(tier_name->c_str())};
      bool nulls[] = {false, false, false, tier_name == nullptr};
      tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
    });
  }
  return Datum{0};
}
