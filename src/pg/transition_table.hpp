// The rows that a statement inserted or removed, as its AFTER STATEMENT triggers see them.
#pragma once

#include "pg/postgres.hpp"

#include "pg/row.hpp"

namespace leadscore::pg {

// Reads a transition table from its beginning, through a read pointer of its own.
class TransitionTable {
 public:
  TransitionTable(Tuplestorestate *store, Relation relation);
  ~TransitionTable();
  TransitionTable(const TransitionTable &) = delete;
  TransitionTable &operator=(const TransitionTable &) = delete;

  // False at the end. The row is good until the next call.
  [[nodiscard]] bool next();
  [[nodiscard]] Row row() const noexcept { return Row(slot_); }
  [[nodiscard]] TupleDesc descriptor() const noexcept { return slot_->tts_tupleDescriptor; }

 private:
  Tuplestorestate *store_;
  MemoryContext memory_ = CurrentMemoryContext;  // of the rows that come from disk, which the slot frees
  int pointer_ = 0;
  TupleTableSlot *slot_ = nullptr;
  int exceptions_ = std::uncaught_exceptions();
};

// What a trigger function was called for. Throws UserError unless it is an AFTER STATEMENT trigger.
class StatementTrigger {
 public:
  explicit StatementTrigger(FunctionCallInfo fcinfo);

  [[nodiscard]] bool is_insert() const noexcept { return TRIGGER_FIRED_BY_INSERT(data_->tg_event); }
  [[nodiscard]] bool is_truncate() const noexcept { return TRIGGER_FIRED_BY_TRUNCATE(data_->tg_event); }
  [[nodiscard]] Tuplestorestate *old_rows() const noexcept { return data_->tg_oldtable; }
  [[nodiscard]] Tuplestorestate *new_rows() const noexcept { return data_->tg_newtable; }
  [[nodiscard]] Relation relation() const noexcept { return data_->tg_relation; }
  // True if the statement touched no row.
  [[nodiscard]] bool is_idle() const;
  // The argument of CREATE TRIGGER. Throws UserError if there is none.
  [[nodiscard]] std::string argument(int index) const;
  // Throws UserError unless the table is this one or one of its partitions and children: anybody may put a trigger that calls our
  // functions on a table of theirs, but its rows are none of the model's.
  void require_family(const CompiledModel &model, Oid root) const;

 private:
  TriggerData *data_;
};

}  // namespace leadscore::pg
