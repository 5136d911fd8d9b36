// Those who write a model's states because the team wrote its tables, and how a publish or rebuild comes between them.
//
// Every such writer holds ROW EXCLUSIVE on the model's table `live` from its first trigger to the end of its transaction. Who wants
// to change which generation counts, or which version scores, takes SHARE on it: then no writer is under way, and none begins.
//
// A publish or rebuild scores everybody before that, beside the live states, while writers go on. Meanwhile it holds SHARE UPDATE
// EXCLUSIVE on the model's table `changed`: as long as somebody does, writers put their leads into it, and these are scored once
// more. A writer takes its lock before it looks, and a publish waits, after it has begun to hold that lock, for all who write by
// then: so what no snapshot of the publish shows is noted in `changed`.
#pragma once

#include "pg/postgres.hpp"

#include <memory>
#include <string>
#include <vector>

#include "pg/compiled_model.hpp"
#include "pg/rule_cache.hpp"
#include "pg/session.hpp"

namespace leadscore::pg {

// The version of the model that scores, for a trigger that is about to write its states: it stays in force until the transaction
// ends. Null if nothing is published. Waits while a publish or rebuild changes it.
[[nodiscard]] std::shared_ptr<const CompiledModel> model_to_write(const std::string &name);

// Around what a trigger does to write the model's states: with the rights of the model's owner, by this version of the model, with
// a connection to SPI.
class WriterScope {
 public:
  explicit WriterScope(const ModelPointer &model) : pin_(model), rights_(model->owner()) {}

 private:
  PinnedModel pin_;
  OwnerScope rights_;
  SpiScope spi_;
};

// From now on until the transaction ends, whoever begins to write the model's states pauses for a moment first: for who cannot keep
// up with what changes otherwise.
void slow_writers_down(const CompiledModel &model);

// To be called for all leads whose rows, events or adjustments a trigger was called about, whatever the live version makes of them.
// Inside an SpiScope, with the rights of the model's owner.
void note_changed(const CompiledModel &model, const std::vector<Datum> &leads);

// Waits until all transactions have ended that hold a lock on the table now which conflicts with `mode`. Nobody waits for this.
void wait_for_holders(Oid relation, LOCKMODE mode);

// Waits, in the order of coming, for the transactions that have had their turn with the table in a mode which conflicts with
// `mode`, until they have ended. Readers and writers of the table take no turns.
void wait_for_turn(Oid relation, LOCKMODE mode);

}  // namespace leadscore::pg
