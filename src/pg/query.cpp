#include "pg/query.hpp"

#include "pg/guard.hpp"

namespace leadscore::pg {

Parameter text_parameter(const std::string &text) {
  return {.type = TEXTOID, .value = call([&text] { return CStringGetTextDatum(text.c_str()); })};
}

Parameter integer_parameter(std::int32_t value) { return {.type = INT4OID, .value = Int32GetDatum(value)}; }

Parameter instant_parameter(TimestampTz at) { return {.type = TIMESTAMPTZOID, .value = TimestampTzGetDatum(at)}; }

bool Rows::is_null(std::uint64_t row, int column) const {
  return call([this, row, column] {
    bool is_null = true;
    (void)SPI_getbinval(table_->vals[row], table_->tupdesc, column, &is_null);
    return is_null;
  });
}

Datum Rows::datum(std::uint64_t row, int column) const {
  return call([this, row, column] {
    bool is_null = true;
    const Datum value = SPI_getbinval(table_->vals[row], table_->tupdesc, column, &is_null);
    return is_null ? Datum{0} : value;
  });
}

Datum Rows::datum_of_type(std::uint64_t row, int column, Oid type) const {
  call([this, column, type] {
    const Oid given = SPI_gettypeid(table_->tupdesc, column);
    if (given == type || getBaseType(given) == type) return;
    ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
                    errmsg("column \"%s\" of a table of leadscore is of type %s instead of %s", SPI_fname(table_->tupdesc, column),
                           format_type_be(given), format_type_be(type)),
                    errhint("The columns of a model's own tables must not be changed.")));
  });
  return datum(row, column);
}

std::optional<std::string> Rows::text(std::uint64_t row, int column) const {
  const char *value = call([this, row, column] { return SPI_getvalue(table_->vals[row], table_->tupdesc, column); });
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

std::optional<double> Rows::float8(std::uint64_t row, int column) const {
  if (is_null(row, column)) return std::nullopt;
  return DatumGetFloat8(datum(row, column));
}

Rows run_query(const std::string &sql, std::span<const Parameter> parameters, bool is_read_only) {
  std::vector<Oid> types;
  std::vector<Datum> values;
  std::string nulls;
  for (const Parameter &parameter : parameters) {
    types.push_back(parameter.type);
    values.push_back(parameter.value);
    nulls.push_back(parameter.is_null ? 'n' : ' ');
  }
  call([&sql, &types, &values, &nulls, is_read_only] {
    const int result = SPI_execute_with_args(sql.c_str(), static_cast<int>(types.size()), types.data(), values.data(), nulls.data(),
                                             is_read_only, 0);
    if (result < 0) elog(ERROR, "query failed: %s", SPI_result_code_string(result));
  });
  return {SPI_tuptable, SPI_processed};
}

SavedQuery::SavedQuery(const std::string &sql, std::initializer_list<Oid> types) {
  std::vector<Oid> copy(types);
  plan_ = call([&sql, &copy] {
    SPIPlanPtr plan = SPI_prepare(sql.c_str(), static_cast<int>(copy.size()), copy.data());
    if (plan == nullptr) elog(ERROR, "could not prepare a query: %s", SPI_result_code_string(SPI_result));
    if (SPI_keepplan(plan) != 0) elog(ERROR, "could not keep a query");
    return plan;
  });
}

SavedQuery::~SavedQuery() { SPI_freeplan(plan_); }

Rows SavedQuery::run(std::span<const Datum> values, bool is_read_only) const {
  return execute(values.data(), nullptr, is_read_only);
}

Rows SavedQuery::run(std::span<const NullableDatum> values, bool is_read_only) const {
  std::vector<Datum> bare;
  std::string nulls;
  for (const NullableDatum &value : values) {
    bare.push_back(value.value);
    nulls.push_back(value.isnull ? 'n' : ' ');
  }
  return execute(bare.data(), nulls.c_str(), is_read_only);
}

Rows SavedQuery::execute(const Datum *values, const char *nulls, bool is_read_only) const {
  call([this, values, nulls, is_read_only] {
    const int result = SPI_execute_plan(plan_, const_cast<Datum *>(values), nulls, is_read_only, 0);
    if (result < 0) elog(ERROR, "query failed: %s", SPI_result_code_string(result));
  });
  return {SPI_tuptable, SPI_processed};
}

std::string quoted(const std::string &identifier) {
  return call([&identifier] { return quote_identifier(identifier.c_str()); });
}

std::string quoted_literal(const std::string &text) {
  return call([&text] { return quote_literal_cstr(text.c_str()); });
}

std::string qualified_table(Oid relation) {
  return call([relation] {
    const char *name = get_rel_name(relation);
    if (name == nullptr)
      ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE), errmsg("a table of leads or events does not exist any more")));
    const char kind = get_rel_relkind(relation);
    if (kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE)
      ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("\"%s\" is not a table any more", name),
                      errdetail("Leads and events are read from tables alone.")));
    return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)), name);
  });
}

std::string operator_name(Oid op) {
  return call([op] {
    HeapTuple tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(op));
    if (!HeapTupleIsValid(tuple)) elog(ERROR, "cache lookup failed for operator %u", op);
    const auto *form = reinterpret_cast<Form_pg_operator>(GETSTRUCT(tuple));
    const char *name =
        psprintf("OPERATOR(%s.%s)", quote_identifier(get_namespace_name(form->oprnamespace)), NameStr(form->oprname));
    ReleaseSysCache(tuple);
    return name;
  });
}

std::string collate_clause(Oid collation) {
  if (!OidIsValid(collation)) return "";
  return call([collation] {
    HeapTuple tuple = SearchSysCache1(COLLOID, ObjectIdGetDatum(collation));
    if (!HeapTupleIsValid(tuple)) elog(ERROR, "cache lookup failed for collation %u", collation);
    const auto *form = reinterpret_cast<Form_pg_collation>(GETSTRUCT(tuple));
    const char *clause =
        psprintf(" COLLATE %s", quote_qualified_identifier(get_namespace_name(form->collnamespace), NameStr(form->collname)));
    ReleaseSysCache(tuple);
    return clause;
  });
}

std::string type_name(Oid type, std::int32_t modifier) {
  return call(
      [type, modifier] { return format_type_extended(type, modifier, FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY); });
}

}  // namespace leadscore::pg
