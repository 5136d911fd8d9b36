#include "pg/lock_order.hpp"

#include "pg/guard.hpp"
#include "pg/query.hpp"
#include "pg/write.hpp"

namespace leadscore::pg {

namespace {

// The last state, in the order, that the transaction holds. What a subtransaction had locked before it was rolled back is not
// forgotten: that only makes its transaction wait less.
struct LastLock {
  LocalTransactionId transaction = InvalidLocalTransactionId;
  std::string model;
  bool is_all = false;
  Datum lead = 0;  // in the transaction's memory
};

LastLock last_lock;

bool is_current() noexcept { return last_lock.transaction == current_transaction(); }

}  // namespace

// One statement makes and locks: between two, a state could go and come again. Where there is a state, it is only locked.
void lock_states(const CompiledModel &model, const std::vector<Datum> &leads) {
  if (leads.empty()) return;
  (void)run_query("INSERT INTO " + model.state_table() + " AS s (lead, generation, state) SELECT k.lead::" + model.key_type.name +
                      ", " + std::to_string(model.generation) + ", leadscore.as_write(leadscore.empty_state(" +
                      quoted_literal(model.name) +
                      "), 'nothing', 'event', clock_timestamp()) FROM unnest($1) AS k(lead) ORDER BY k.lead"
                      " ON CONFLICT (generation, lead) DO UPDATE SET state = s.state WHERE false",
                  {{.type = model.key_type.array_type, .value = key_array(model, leads)}}, false);
  note_locked(model, leads.back());
}

void note_locked(const CompiledModel &model, Datum lead) {
  if (is_behind_lock(model, lead)) return;
  const KeyType &key = model.key_type;
  last_lock.lead = call([lead, &key] {
    MemoryContext old = MemoryContextSwitchTo(TopTransactionContext);
    const Datum copy = datumCopy(lead, key.by_value, key.length);
    MemoryContextSwitchTo(old);
    return copy;
  });
  last_lock.transaction = current_transaction();
  last_lock.model = model.name;
  last_lock.is_all = false;
}

void note_all_locked(const CompiledModel &model) {
  if (is_current() && last_lock.model > model.name) return;
  last_lock = {.transaction = current_transaction(), .model = model.name, .is_all = true};
}

bool is_behind_lock(const CompiledModel &model, Datum lead) {
  if (!is_current() || last_lock.model < model.name) return false;
  if (last_lock.model > model.name || last_lock.is_all) return true;
  return model.key_type.compare(lead, last_lock.lead) < 0;
}

}  // namespace leadscore::pg
