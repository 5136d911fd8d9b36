// Regular expressions as tests of strings.
#pragma once

#include "pg/postgres.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/condition.hpp"

namespace leadscore::pg {

// A regular expression of jsonpath's like_regex, compiled once and for good: PostgreSQL's own cache of them holds 32.
class RegularExpression {
 public:
  // `flags` are those of the jsonpath item. None if PostgreSQL's own code must say what is wrong with it. What PostgreSQL allocates
  // is in the current memory context, which must outlive the expression.
  [[nodiscard]] static std::optional<RegularExpression> compile(std::string_view pattern, std::uint32_t flags);

  // May throw PostgresError: cancelled, or too complex.
  [[nodiscard]] bool matches(std::string_view text) const;

 private:
  struct Deleter {
    void operator()(regex_t *expression) const noexcept;
  };
  explicit RegularExpression(std::unique_ptr<regex_t, Deleter> expression) : expression_(std::move(expression)) {}

  std::unique_ptr<regex_t, Deleter> expression_;
};

// Regular expressions by what they were compiled from: those that are written alike are one.
class RegularExpressions {
 public:
  // Null if it does not compile: see RegularExpression.
  [[nodiscard]] std::shared_ptr<const RegularExpression> find(std::string_view pattern, std::uint32_t flags);

 private:
  std::map<std::pair<std::string, std::uint32_t>, std::shared_ptr<const RegularExpression>> compiled_;
};

// The regular expressions of one place. What they say of a string is remembered, since columns such as a title or a source hold few
// different ones; where strings do not come again it is not.
class ExpressionTests {
 public:
  // The test is true of what matches.
  void add(const std::shared_ptr<const RegularExpression> &expression, TestIndex test) { tests_[expression].push_back(test); }
  [[nodiscard]] bool empty() const noexcept { return tests_.empty(); }

  // The tests that are true of the text. Valid until the next call. May throw PostgresError.
  [[nodiscard]] const std::vector<TestIndex> &met_by(std::string_view text) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };

  void find(std::string_view text, std::vector<TestIndex> &met) const;
  void forget() const;

  std::map<std::shared_ptr<const RegularExpression>, std::vector<TestIndex>> tests_;
  // Not part of the value.
  mutable std::unordered_map<std::string, std::vector<TestIndex>, Hash, std::equal_to<>> remembered_;
  mutable std::size_t hits_ = 0;
  mutable bool is_remembering_ = true;
  mutable std::vector<TestIndex> met_;
};

}  // namespace leadscore::pg
