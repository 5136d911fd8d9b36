// The boundary between C++ and PostgreSQL.
//
// An error in PostgreSQL is a longjmp, which skips destructors; a C++ exception must never leave an entry point. So:
// - every entry point is defined with LEADSCORE_FUNCTION, whose guard turns each exception into a PostgreSQL error. It does so
//   after its handler has been left: a longjmp out of a handler would leak the exception;
// - every call into PostgreSQL that can fail, made while C++ objects live, goes through `call`, which turns a PostgreSQL error
//   into a PostgresError that carries the whole ErrorData. Inside the callable only trivially destructible objects may live;
// - `attempt` and its two relatives are for an evaluation whose failure must not end the statement.
#pragma once

#include "pg/postgres.hpp"

#include <exception>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace leadscore::pg {

// FreeErrorData does not free all that CopyErrorData has copied: an error has a memory context of its own.
struct FreeError {
  void operator()(ErrorData *error) const noexcept { MemoryContextDelete(GetMemoryChunkContext(error)); }
};

// An error of PostgreSQL that was caught, or null. It outlives every memory context that was current then: a scratch memory is gone
// when an exception has left its scope.
using CaughtError = std::unique_ptr<ErrorData, FreeError>;

// An error of PostgreSQL on its way through C++.
class PostgresError : public std::exception {
 public:
  explicit PostgresError(CaughtError error) noexcept : error_(std::move(error)) {}
  [[nodiscard]] CaughtError release() noexcept { return std::move(error_); }
  [[nodiscard]] const char *what() const noexcept override { return error_->message; }

 private:
  CaughtError error_;
};

// An error of ours, for a user: see PostgreSQL's error message style guide.
class UserError : public std::exception {
 public:
  UserError(int sqlstate, std::string message, std::string detail = {}, std::string hint = {})
      : sqlstate_(sqlstate), message_(std::move(message)), detail_(std::move(detail)), hint_(std::move(hint)) {}
  [[nodiscard]] int sqlstate() const noexcept { return sqlstate_; }
  [[nodiscard]] const char *what() const noexcept override { return message_.c_str(); }
  [[nodiscard]] const std::string &detail() const noexcept { return detail_; }
  [[nodiscard]] const std::string &hint() const noexcept { return hint_; }

 private:
  int sqlstate_;
  std::string message_;
  std::string detail_;
  std::string hint_;
};

namespace detail {

template <typename Body>
[[nodiscard]] CaughtError catch_error(Body &body) {
  MemoryContext volatile context = CurrentMemoryContext;
  ErrorData *volatile error = nullptr;
  PG_TRY();
  { body(); }
  PG_CATCH();
  {
    MemoryContextSwitchTo(AllocSetContextCreate(TopMemoryContext, "leadscore error", ALLOCSET_SMALL_SIZES));
    error = CopyErrorData();
    FlushErrorState();
    MemoryContextSwitchTo(context);
  }
  PG_END_TRY();
  return CaughtError(error);
}

// Is this an error that no rule can be blamed for: a cancelled query, a server going down, no memory, no disk?
[[nodiscard]] bool must_propagate(const ErrorData &error) noexcept;

}  // namespace detail

// The inner guard: the result of `body()`, or a PostgresError.
template <typename Body>
auto call(Body &&body) {
  using Result = std::invoke_result_t<Body &>;
  if constexpr (std::is_void_v<Result>) {
    if (CaughtError error = detail::catch_error(body)) throw PostgresError(std::move(error));
  } else {
    static_assert(std::is_trivially_destructible_v<Result>, "a longjmp would skip its destructor");
    Result result{};
    auto assign = [&result, &body] { result = body(); };
    if (CaughtError error = detail::catch_error(assign)) throw PostgresError(std::move(error));
    return result;
  }
}

// Runs `body`, which only computes in memory (it holds no lock, pin or other resource when it fails), and gives its error, or null.
// Errors that must not be swallowed are thrown.
template <typename Body>
[[nodiscard]] CaughtError attempt(Body &&body) {
  CaughtError error = detail::catch_error(body);
  if (error != nullptr && detail::must_propagate(*error)) throw PostgresError(std::move(error));
  return error;
}

// The same for a `body` in C++ whose calls into PostgreSQL go through `call`.
template <typename Body>
[[nodiscard]] CaughtError attempt_calls(Body &&body) {
  try {
    body();
    return nullptr;
  } catch (PostgresError &thrown) {
    CaughtError error = thrown.release();
    if (detail::must_propagate(*error)) throw PostgresError(std::move(error));
    return error;
  }
}

// The same for a `body` of PostgreSQL's own code that may hold pins and references of caches when it fails: they are released.
template <typename Body>
[[nodiscard]] CaughtError attempt_and_release(Body &&body) {
  ResourceOwner outer = CurrentResourceOwner;
  ResourceOwner owner = call([outer] { return ResourceOwnerCreate(outer, "leadscore attempt"); });
  CurrentResourceOwner = owner;
  CaughtError error = detail::catch_error(body);
  CurrentResourceOwner = outer;
  const bool is_success = error == nullptr;
  call([owner, is_success] {
    for (const ResourceReleasePhase phase : {RESOURCE_RELEASE_BEFORE_LOCKS, RESOURCE_RELEASE_LOCKS, RESOURCE_RELEASE_AFTER_LOCKS})
      ResourceOwnerRelease(owner, phase, is_success, false);
    ResourceOwnerDelete(owner);
  });
  if (error != nullptr && detail::must_propagate(*error)) throw PostgresError(std::move(error));
  return error;
}

// The same for a `body` that may run anybody's code: in a subtransaction, so that what it holds when it fails is released.
// In a parallel worker, where there can be none, its error is thrown.
template <typename Body>
[[nodiscard]] CaughtError attempt_in_subtransaction(Body &&body) {
  if (IsInParallelMode()) {
    call(body);
    return nullptr;
  }
  MemoryContext context = CurrentMemoryContext;
  ResourceOwner owner = CurrentResourceOwner;
  call([context] {
    BeginInternalSubTransaction(nullptr);
    MemoryContextSwitchTo(context);
  });
  CaughtError error = detail::catch_error(body);
  call([is_success = error == nullptr, context, owner] {
    if (!is_success)
      RollbackAndReleaseCurrentSubTransaction();
    else
      ReleaseCurrentSubTransaction();
    MemoryContextSwitchTo(context);
    CurrentResourceOwner = owner;
  });
  if (error != nullptr && detail::must_propagate(*error)) throw PostgresError(std::move(error));
  return error;
}

// The entry guard: see LEADSCORE_FUNCTION.
[[nodiscard]] Datum enter(Datum (*body)(FunctionCallInfo), FunctionCallInfo fcinfo);

}  // namespace leadscore::pg

// Defines the SQL-callable C function `leadscore_<name>`; the body follows as that of a function with the parameter `fcinfo`.
#define LEADSCORE_FUNCTION(name)                                                                 \
  static Datum name##_body(FunctionCallInfo fcinfo);                                             \
  extern "C" {                                                                                   \
  PG_FUNCTION_INFO_V1(leadscore_##name);                                                         \
  Datum leadscore_##name(PG_FUNCTION_ARGS) { return leadscore::pg::enter(name##_body, fcinfo); } \
  }                                                                                              \
  static Datum name##_body([[maybe_unused]] FunctionCallInfo fcinfo)
