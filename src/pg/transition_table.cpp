#include "pg/transition_table.hpp"

#include "pg/guard.hpp"

namespace leadscore::pg {

TransitionTable::TransitionTable(Tuplestorestate *store, Relation relation) : store_(store) {
  call([this, relation] {
    pointer_ = tuplestore_alloc_read_pointer(store_, EXEC_FLAG_REWIND);
    tuplestore_select_read_pointer(store_, pointer_);
    tuplestore_rescan(store_);
    slot_ = MakeSingleTupleTableSlot(RelationGetDescr(relation), &TTSOpsMinimalTuple);
  });
}

TransitionTable::~TransitionTable() {
  if (std::uncaught_exceptions() == exceptions_) ExecDropSingleTupleTableSlot(slot_);
}

bool TransitionTable::next() {
  return call([this] {
    CHECK_FOR_INTERRUPTS();
    MemoryContext old = MemoryContextSwitchTo(memory_);
    tuplestore_select_read_pointer(store_, pointer_);
    const bool found = tuplestore_gettupleslot(store_, true, false, slot_);
    MemoryContextSwitchTo(old);
    return found;
  });
}

StatementTrigger::StatementTrigger(FunctionCallInfo fcinfo) {
  if (!CALLED_AS_TRIGGER(fcinfo))
    throw UserError(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED, "function was not called as a trigger");
  data_ = reinterpret_cast<TriggerData *>(fcinfo->context);
  const bool has_rows =
      TRIGGER_FIRED_BY_TRUNCATE(data_->tg_event) || ((data_->tg_newtable != nullptr || TRIGGER_FIRED_BY_DELETE(data_->tg_event)) &&
                                                     (data_->tg_oldtable != nullptr || TRIGGER_FIRED_BY_INSERT(data_->tg_event)));
  if (!TRIGGER_FIRED_AFTER(data_->tg_event) || TRIGGER_FIRED_FOR_ROW(data_->tg_event) || !has_rows)
    throw UserError(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED, "function was not called by a trigger that leadscore made", {},
                    "leadscore.publish makes the triggers that a model needs.");
}

bool StatementTrigger::is_idle() const {
  const auto is_empty = [](Tuplestorestate *store) { return store == nullptr || tuplestore_tuple_count(store) == 0; };
  return !is_truncate() && is_empty(data_->tg_oldtable) && is_empty(data_->tg_newtable);
}

void StatementTrigger::require_family(const CompiledModel &model, Oid root) const {
  if (model.is_of_family(RelationGetRelid(data_->tg_relation), root)) return;
  throw UserError(
      ERRCODE_INSUFFICIENT_PRIVILEGE,
      std::string("table \"") + RelationGetRelationName(data_->tg_relation) + "\" is not part of model \"" + model.name + "\"", {},
      "leadscore.publish makes the triggers that a model needs.");
}

std::string StatementTrigger::argument(int index) const {
  if (index >= data_->tg_trigger->tgnargs)
    throw UserError(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED, "trigger lacks an argument", {},
                    "leadscore.publish makes the triggers that a model needs.");
  return data_->tg_trigger->tgargs[index];
}

}  // namespace leadscore::pg
