#include "pg/jsonpath.hpp"

#include <array>
#include <cmath>

#include "pg/guard.hpp"
#include "pg/output_settings.hpp"

namespace leadscore::pg {

namespace {

Oid type_with_foreign_cast_of(TupleDesc descriptor);

// PostgreSQL's to_jsonb asks its call for the type of its argument. RECORD does for every composite type: the value tells the rest.
FmgrInfo *to_jsonb_function() {
  static FmgrInfo function;
  if (!OidIsValid(function.fn_oid)) {
    call([] {
      FmgrInfo info;
      fmgr_info_cxt(F_TO_JSONB, &info, TopMemoryContext);
      MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);
      Const *argument = makeNullConst(RECORDOID, -1, InvalidOid);
      FuncExpr *expression = makeFuncExpr(F_TO_JSONB, JSONBOID, list_make1(argument), InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL);
      MemoryContextSwitchTo(old);
      fmgr_info_set_expr(reinterpret_cast<Node *>(expression), &info);
      function = info;
    });
  }
  return &function;
}

// to_jsonb prefers a type's own cast to json, which is anybody's code. The function; InvalidOid: there is none.
Oid json_cast(Oid type) {
  Oid function = InvalidOid;
  return find_coercion_pathway(JSONOID, type, COERCION_EXPLICIT, &function) == COERCION_PATH_FUNC ? function : InvalidOid;
}

// Whether it may run with the rights of the current user, or does not.
bool is_trusted(Oid function) {
  HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
  if (!HeapTupleIsValid(tuple)) elog(ERROR, "cache lookup failed for function %u", function);
  const auto *form = reinterpret_cast<Form_pg_proc>(GETSTRUCT(tuple));
  const bool is_definer = form->prosecdef;
  const Oid owner = form->proowner;
  ReleaseSysCache(tuple);
  return is_definer || owner == GetUserId() || superuser_arg(owner);
}

// As to_jsonb takes a value apart.
Oid foreign_cast_below(Oid type) {
  if (type < FirstNormalObjectId) return InvalidOid;
  if (const Oid base = getBaseType(type); base != type) return foreign_cast_below(base);
  if (const Oid element = get_element_type(type); OidIsValid(element)) return foreign_cast_below(element);
  if (type_is_rowtype(type)) {
    TupleDesc descriptor = lookup_rowtype_tupdesc_copy(type, -1);
    const Oid found = type_with_foreign_cast_of(descriptor);
    FreeTupleDesc(descriptor);
    return found;
  }
  const Oid function = json_cast(type);
  return OidIsValid(function) && !is_trusted(function) ? type : InvalidOid;
}

Oid type_with_foreign_cast_of(TupleDesc descriptor) {
  for (int i = 0; i < descriptor->natts; ++i) {
    const Form_pg_attribute attribute = TupleDescAttr(descriptor, i);
    if (attribute->attisdropped) continue;
    if (const Oid found = foreign_cast_below(attribute->atttypid); OidIsValid(found)) return found;
  }
  return InvalidOid;
}

bool is_pure_type(Oid type) {
  if (type < FirstNormalObjectId) return true;
  if (const Oid element = get_element_type(type); OidIsValid(element)) return is_pure_type(element);
  switch (get_typtype(type)) {
    case TYPTYPE_ENUM:
      return !OidIsValid(json_cast(type));
    case TYPTYPE_DOMAIN:
      return is_pure_type(getBaseType(type));
    default:
      return false;
  }
}

// Calls a function of PostgreSQL's (document, path, variables, silent), which may give null.
NullableDatum call_path_function(PGFunction function, const Jsonb *document, const JsonPath *path, const Jsonb *variables) {
  LOCAL_FCINFO(fcinfo, 4);
  InitFunctionCallInfoData(*fcinfo, nullptr, 4, InvalidOid, nullptr, nullptr);
  fcinfo->args[0] = {.value = PointerGetDatum(document), .isnull = false};
  fcinfo->args[1] = {.value = PointerGetDatum(path), .isnull = false};
  fcinfo->args[2] = {.value = PointerGetDatum(variables), .isnull = false};
  fcinfo->args[3] = {.value = BoolGetDatum(true), .isnull = false};
  const Datum value = function(fcinfo);
  return {.value = value, .isnull = fcinfo->isnull};
}

}  // namespace

bool has_pure_columns(TupleDesc descriptor) {
  return call([descriptor] {
    for (int i = 0; i < descriptor->natts; ++i) {
      const Form_pg_attribute attribute = TupleDescAttr(descriptor, i);
      if (!attribute->attisdropped && !is_pure_type(attribute->atttypid)) return false;
    }
    return true;
  });
}

Oid type_with_foreign_cast(TupleDesc descriptor) {
  return call([descriptor] { return type_with_foreign_cast_of(descriptor); });
}

Jsonb *row_to_jsonb(const Row &row, bool is_pure, const FailureReport &report) {
  FmgrInfo *function = to_jsonb_function();
  const OutputSettings settings;
  Jsonb *document = nullptr;
  auto convert = [&document, function, &row] { document = DatumGetJsonbP(FunctionCall1(function, row.composite())); };
  const CaughtError error = is_pure ? attempt_and_release(convert) : attempt_in_subtransaction(convert);
  if (error == nullptr) return document;
  report(*error);
  return nullptr;
}

Answer match(const Jsonb *document, const JsonPath *path, const Jsonb *variables, const FailureReport &report) {
  if (document == nullptr) return Answer::unknown;
  NullableDatum result{.value = 0, .isnull = true};
  const CaughtError error =
      attempt([&result, document, path, variables] { result = call_path_function(jsonb_path_match, document, path, variables); });
  if (error != nullptr) report(*error);
  if (error != nullptr || result.isnull) return Answer::unknown;
  return DatumGetBool(result.value) ? Answer::is_true : Answer::is_false;
}

std::optional<double> number(const Jsonb *document, const JsonPath *path, const Jsonb *variables, const FailureReport &report) {
  if (document == nullptr) return std::nullopt;
  double value = std::nan("");
  const CaughtError error = attempt([&value, document, path, variables] {
    const NullableDatum result = call_path_function(jsonb_path_query_first, document, path, variables);
    JsonbValue scalar;
    if (!result.isnull && JsonbExtractScalar(&DatumGetJsonbP(result.value)->root, &scalar) && scalar.type == jbvNumeric)
      value = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(scalar.val.numeric)));
  });
  if (error != nullptr) report(*error);
  if (error != nullptr || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace leadscore::pg
