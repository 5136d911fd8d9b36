// The bytes of a state, as they are stored and sent. Anybody can feed bytes to `decode`: it trusts none.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "core/state.hpp"

namespace leadscore {

// The layout is little-endian and packed: a header of fixed length with a format byte, reserved zero bytes and the counts, then
// the ceiling if there is one, answers (two bits each), sums, awards, tier changes, adjustments.
[[nodiscard]] std::vector<std::byte> encode(const State &state);

// Throws InvalidState with a message for a person unless `bytes` is exactly one canonical state: known format, zero reserved bytes,
// counts that agree with the length (checked before anything is allocated), finite numbers, sorted and unique, enumerations in
// range.
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
