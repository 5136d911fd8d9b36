// top(model, n [, at]): the leads with the highest scores.
//
// Ranked leads are read by falling ceilings (core/ceiling.hpp) until the n-th best score reaches the next ceiling. Only if it stays
// below what is ranked at all, the other leads are read, too.
//
// It runs with the caller's rights, as the view of the scores does.

#include <algorithm>
#include <exception>
#include <functional>
#include <limits>
#include <memory>
#include <utility>
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

// A lead that may be among the best. The datum lives as long as the SPI connection.
struct Candidate {
  double score = 0;
  Datum lead = 0;
  std::shared_ptr<const CompiledModel> model;
  TierIndex tier = no_tier;

  friend bool operator>(const Candidate &a, const Candidate &b) noexcept { return a.score > b.score; }
};

// The best of the leads seen so far.
class Best {
 public:
  explicit Best(std::uint64_t wanted) : wanted_(wanted) {}

  [[nodiscard]] bool takes(double score) const noexcept {
    return heap_.size() < wanted_ || (wanted_ > 0 && score > heap_.front().score);
  }

  void take(Candidate candidate) {
    if (heap_.size() == wanted_) {
      std::ranges::pop_heap(heap_, std::greater<>());
      heap_.pop_back();
    }
    heap_.push_back(std::move(candidate));
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

// The rows of a query, one portion after the other.
class Portions {
 public:
  explicit Portions(const std::string &sql) {
    portal_ = call([&sql] { return SPI_cursor_open_with_args(nullptr, sql.c_str(), 0, nullptr, nullptr, nullptr, true, 0); });
  }
  ~Portions() {
    if (std::uncaught_exceptions() == exceptions_) SPI_cursor_close(portal_);
  }
  Portions(const Portions &) = delete;
  Portions &operator=(const Portions &) = delete;

  // What was given before stays there.
  Rows next(std::uint64_t count) {
    call([this, count] { SPI_cursor_fetch(portal_, true, static_cast<long>(count)); });
    return {SPI_tuptable, SPI_processed};
  }

 private:
  Portal portal_ = nullptr;
  int exceptions_ = std::uncaught_exceptions();
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
    // The limit is for the planner, who would sort all that are ranked if he had to give all.
    for (std::uint64_t limit = 8 * wanted_ + 1000;; limit *= 8) {
      Best best = of_pending;
      const std::uint64_t read = read_ranked(limit, best);
      if (!is_done_ && read == limit) continue;
      if (!is_done_ && !best.reaches(ranked_above_)) consider_all(unranked(), best);
      return std::move(best).sorted(model_.key_type);
    }
  }

 private:
  [[nodiscard]] bool has_pending() const {
    return run_query("SELECT FROM " + quoted(model_.name) + ".pending LIMIT 1", {}, true).count() > 0;
  }

  [[nodiscard]] std::string pending_query() const {
    return run_query("SELECT leadscore.pending_query($1)", {text_parameter(model_.name)}, true).required_text(0, 1);
  }

  // Considers ranked leads until none that follows matters (`is_done_`), at most `limit`. Returns how many were there.
  std::uint64_t read_ranked(std::uint64_t limit, Best &best) {
    Portions ranked("SELECT s.lead, s.state, s.ceiling " + state_of_ + " WHERE " + is_live_ +
                    " AND s.ceiling IS NOT NULL ORDER BY s.ceiling DESC LIMIT " + std::to_string(limit));
    const std::uint64_t portion = wanted_ + 32;
    std::uint64_t read = 0;
    for (is_done_ = false; !is_done_;) {
      const Rows rows = ranked.next(portion);
      read += rows.count();
      is_done_ = consider_ranked(rows, best);
      if (rows.count() < portion) return read;
    }
    return 0;
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
    const BoundState &bound = bound_state(rows.datum_of_type(row, 2, state_type()));
    ranked_above_ = bound.program().ranked_above;
    if (!bound.state.has_lead || !is_eligible(bound.state)) return;
    Reading &read = reading(bound, std::max(at_, bound.state.horizon));
    const double score = read.dimensions()[root_dimension];
    if (!best.takes(score)) return;
    const Datum lead = rows.datum_of_type(row, 1, model_.key_type.base_type);
    best.take({.score = score, .lead = lead, .model = bound.model, .tier = read.tier()});
  }

  const CompiledModel &model_;
  std::uint64_t wanted_;
  Instant at_;
  std::string state_of_;
  std::string is_live_;
  bool is_done_ = false;
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
  const auto model = model_to_read(name);
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
    const std::string *tier_name =
        candidate.tier == no_tier ? nullptr : &candidate.model->program.tiers[static_cast<std::size_t>(candidate.tier)].name;
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
