#include "pg/regular_expression.hpp"

#include "pg/guard.hpp"

namespace leadscore::pg {

namespace {

// What is remembered for one place: at most some 2 MB.
constexpr std::size_t most_remembered = 8192;
constexpr std::size_t longest_remembered = 128;

std::vector<pg_wchar> wide(std::string_view text) {
  std::vector<pg_wchar> result(text.size() + 1);
  const int length =
      call([&text, &result] { return pg_mb2wchar_with_len(text.data(), result.data(), static_cast<int>(text.size())); });
  result.resize(static_cast<std::size_t>(length));
  return result;
}

[[noreturn]] void fail(const regex_t &expression, int code) {
  call([&expression, code] {
    CHECK_FOR_INTERRUPTS();
    char message[100];
    pg_regerror(code, &expression, message, sizeof message);
    ereport(ERROR, (errcode(ERRCODE_INVALID_REGULAR_EXPRESSION), errmsg("regular expression failed: %s", message)));
  });
  pg_unreachable();
}

}  // namespace

void RegularExpression::Deleter::operator()(regex_t *expression) const noexcept {
  pg_regfree(expression);
  delete expression;
}

std::optional<RegularExpression> RegularExpression::compile(std::string_view pattern, std::uint32_t flags) {
  const std::vector<pg_wchar> characters = wide(pattern);
  auto expression = std::make_unique<regex_t>();
  regex_t *target = expression.get();
  int code = REG_OKAY;
  const CaughtError error = attempt([&characters, flags, target, &code] {
    code = pg_regcomp(target, characters.data(), characters.size(), regular_expression_flags(flags) | REG_NOSUB,
                      DEFAULT_COLLATION_OID);
    CHECK_FOR_INTERRUPTS();
  });
  if (error != nullptr || code != REG_OKAY) return std::nullopt;
  return RegularExpression(std::unique_ptr<regex_t, Deleter>(expression.release()));
}

bool RegularExpression::matches(std::string_view text) const {
  const std::vector<pg_wchar> characters = wide(text);
  const int code = call([this, &characters] {
    return pg_regexec(expression_.get(), characters.data(), characters.size(), 0, nullptr, 0, nullptr, 0);
  });
  if (code != REG_OKAY && code != REG_NOMATCH) fail(*expression_, code);
  return code == REG_OKAY;
}

std::shared_ptr<const RegularExpression> RegularExpressions::find(std::string_view pattern, std::uint32_t flags) {
  const auto [found, is_new] = compiled_.try_emplace({std::string(pattern), flags});
  if (is_new) {
    if (std::optional<RegularExpression> compiled = RegularExpression::compile(pattern, flags))
      found->second = std::make_shared<const RegularExpression>(std::move(*compiled));
  }
  return found->second;
}

const std::vector<TestIndex> &ExpressionTests::met_by(std::string_view text) const {
  if (!is_remembering_ || text.size() > longest_remembered) {
    find(text, met_);
    return met_;
  }
  if (const auto found = remembered_.find(text); found != remembered_.end()) {
    ++hits_;
    return found->second;
  }
  find(text, met_);
  if (remembered_.size() == most_remembered) forget();
  if (is_remembering_) remembered_.emplace(text, met_);
  return met_;
}

void ExpressionTests::find(std::string_view text, std::vector<TestIndex> &met) const {
  met.clear();
  for (const auto &[expression, tests] : tests_)
    if (expression->matches(text)) met.insert(met.end(), tests.begin(), tests.end());
}

void ExpressionTests::forget() const {
  is_remembering_ = hits_ >= most_remembered / 4;
  hits_ = 0;
  remembered_.clear();
}

}  // namespace leadscore::pg
