// The bytes of a state, as they are stored and sent. Anybody can feed bytes to `decode`: it trusts none.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "core/state.hpp"

namespace leadscore {

// A format byte, flags, what is read alone (due_at, the ceiling), what else the last write recorded, the horizon, tier changes,
// the last event, sums, awards, adjustments; and in the end what most writes leave as it is: versions, the lead's creation,
// answers. So the log of a write, which tells what lies between the bytes that stay the same at both ends of a row, does not hold
// the latter, whatever the length of the rest. Numbers are as short as they can be (see byte_stream.hpp), and some instants are
// told by their distance from the horizon, which is mostly small.
[[nodiscard]] std::vector<std::byte> encode(const State &state);

// Throws InvalidState with a message for a person unless `bytes` is exactly one canonical state: known format, every number in its
// one form, counts that the length has room for (checked before anything is allocated), finite numbers, sorted and unique,
// enumerations in range.
[[nodiscard]] State decode(std::span<const std::byte> bytes);

// The same into a state whose memory is used again; what it holds after an error is not said.
void decode(std::span<const std::byte> bytes, State &state);

// Reads State::due_at without decoding the rest; `bytes` must have passed `decode` once. distant_future for bytes too short.
[[nodiscard]] Instant decode_due_at(std::span<const std::byte> bytes) noexcept;

// The same for State::ceiling; none if the state is not ranked, and for bytes too short.
[[nodiscard]] std::optional<double> decode_ceiling(std::span<const std::byte> bytes) noexcept;

// Whether there are State::changes, likewise; not in bytes too short.
[[nodiscard]] bool decode_has_changes(std::span<const std::byte> bytes) noexcept;

}  // namespace leadscore
