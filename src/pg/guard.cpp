#include "pg/guard.hpp"

#include <cstring>
#include <new>

#include "core/error.hpp"

namespace leadscore::pg {

namespace {

// What an exception said, in plain data that outlives the handler.
struct Report {
  ErrorData *error = nullptr;  // an error of PostgreSQL, to be thrown again as it was, and freed
  int sqlstate = 0;
  char *message = nullptr;
  char *detail = nullptr;
  char *hint = nullptr;
};

// A copy that needs no destructor. Null if there is no memory for it.
char *copy(const char *text) noexcept {
  const std::size_t size = std::strlen(text) + 1;
  auto *memory = static_cast<char *>(MemoryContextAllocExtended(ErrorContext, size, MCXT_ALLOC_NO_OOM));
  if (memory != nullptr) std::memcpy(memory, text, size);
  return memory;
}

Report report(int sqlstate, const char *message) noexcept { return {.sqlstate = sqlstate, .message = copy(message)}; }

Report current_exception_report() noexcept {
  try {
    throw;
  } catch (PostgresError &error) {
    return {.error = error.release().release()};
  } catch (const UserError &error) {
    Report result = report(error.sqlstate(), error.what());
    if (!error.detail().empty()) result.detail = copy(error.detail().c_str());
    if (!error.hint().empty()) result.hint = copy(error.hint().c_str());
    return result;
  } catch (const InvalidModel &error) {
    return report(ERRCODE_INVALID_OBJECT_DEFINITION, error.what());
  } catch (const InvalidState &error) {
    return report(ERRCODE_INVALID_BINARY_REPRESENTATION, error.what());
  } catch (const InvalidArgument &error) {
    return report(ERRCODE_INVALID_PARAMETER_VALUE, error.what());
  } catch (const std::bad_alloc &) {
    return report(ERRCODE_OUT_OF_MEMORY, "out of memory");
  } catch (const std::exception &error) {
    return report(ERRCODE_INTERNAL_ERROR, error.what());
  } catch (...) {
    return report(ERRCODE_INTERNAL_ERROR, "unexpected C++ exception");
  }
}

// PostgreSQL throws a copy, though not of what stands for a constant: where the error came from, and its message before
// translation.
[[noreturn]] void raise_again(ErrorData *error) {
  for (const char **text : {&error->filename, &error->funcname, &error->domain, &error->context_domain, &error->message_id})
    if (*text != nullptr) *text = MemoryContextStrdup(ErrorContext, *text);
  PG_TRY();
  { ReThrowError(error); }
  PG_CATCH();
  {
    FreeError{}(error);
    PG_RE_THROW();
  }
  PG_END_TRY();
  pg_unreachable();
}

[[noreturn]] void raise(const Report &report) {
  if (report.error != nullptr) raise_again(report.error);
  ereport(ERROR, (errcode(report.sqlstate), errmsg_internal("%s", report.message != nullptr ? report.message : "out of memory"),
                  report.detail != nullptr ? errdetail_internal("%s", report.detail) : 0,
                  report.hint != nullptr ? errhint("%s", report.hint) : 0));
  pg_unreachable();
}

}  // namespace

namespace detail {

bool must_propagate(const ErrorData &error) noexcept {
  const int category = ERRCODE_TO_CATEGORY(error.sqlerrcode);
  return error.elevel > ERROR || category == ERRCODE_TO_CATEGORY(ERRCODE_OPERATOR_INTERVENTION) ||
         category == ERRCODE_TO_CATEGORY(ERRCODE_INSUFFICIENT_RESOURCES);
}

}  // namespace detail

Datum enter(Datum (*body)(FunctionCallInfo), FunctionCallInfo fcinfo) {
  Report failure;
  try {
    return body(fcinfo);
  } catch (...) {
    failure = current_exception_report();
  }
  raise(failure);
}

}  // namespace leadscore::pg
