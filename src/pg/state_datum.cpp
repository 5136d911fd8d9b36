#include "pg/state_datum.hpp"

#include <algorithm>

#include "core/award_log.hpp"
#include "core/error.hpp"
#include "core/state_codec.hpp"
#include "pg/guard.hpp"
#include "pg/rule_cache.hpp"

namespace leadscore::pg {

std::span<const std::byte> state_bytes(const varlena *value) noexcept {
  return {reinterpret_cast<const std::byte *>(VARDATA_ANY(value)), VARSIZE_ANY_EXHDR(value)};
}

std::span<const std::byte> state_bytes(Datum value) {
  const auto *stored = reinterpret_cast<const varlena *>(DatumGetPointer(value));
  if (!VARATT_IS_EXTERNAL(stored) && !VARATT_IS_COMPRESSED(stored)) return state_bytes(stored);
  return state_bytes(call([value] { return pg_detoast_datum_packed(reinterpret_cast<varlena *>(DatumGetPointer(value))); }));
}

State read_state(Datum value) { return decode(state_bytes(value)); }

BoundState bind_state(Datum value) { return bind_state(state_bytes(value)); }

BoundState bind_state(std::span<const std::byte> bytes) {
  if (AwardLog::is_log(bytes)) {
    // A log is only ever read here; the view over it is not const because the aggregates write through theirs.
    const AwardLog log({const_cast<std::byte *>(bytes.data()), bytes.size()});
    std::shared_ptr<const CompiledModel> model = model_version(log.model(), log.version());
    return {log.to_state(model->program), model};
  }
  return bind_state(decode(bytes));
}

BoundState bind_state(State state) {
  std::shared_ptr<const CompiledModel> model = model_version(state.model, state.version);
  require_fit(model->program, state);
  return {std::move(state), std::move(model)};
}

varlena *allocate_state(std::size_t payload) {
  return call([payload] {
    auto *value = static_cast<varlena *>(palloc(payload + VARHDRSZ));
    SET_VARSIZE(value, payload + VARHDRSZ);
    return value;
  });
}

std::span<std::byte> writable_bytes(varlena *value) noexcept {
  return {reinterpret_cast<std::byte *>(VARDATA(value)), VARSIZE(value) - VARHDRSZ};
}

Datum make_state(const State &state) {
  const std::vector<std::byte> bytes = encode(state);
  varlena *value = allocate_state(bytes.size());
  std::ranges::copy(bytes, writable_bytes(value).begin());
  return PointerGetDatum(value);
}

Oid state_type() {
  static Oid type = InvalidOid;
  static std::uint64_t generation = 0;
  // The extension may have been dropped and made again in this session.
  if (!OidIsValid(type) || generation != configuration_generation()) {
    generation = configuration_generation();
    type = call([] {
      const Oid schema = get_namespace_oid("leadscore", false);
      return GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum("state"), ObjectIdGetDatum(schema));
    });
  }
  return type;
}

}  // namespace leadscore::pg
