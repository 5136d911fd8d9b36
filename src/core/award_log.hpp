// The transition state of the aggregates over events: awards appended in place to one flat buffer, folded only when it is full.
//
// A flat buffer, since PostgreSQL copies, counts and ships transition values as plain bytes; a log, since decoding and encoding a
// state for every event would cost its size each time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/state.hpp"

namespace leadscore {

// A view of a log in memory that somebody else owns. The bytes come from `start` and the other functions here alone, never from a
// user: nothing but their length and format is checked.
class AwardLog {
 public:
  // How many bytes a log with room for `capacity` awards takes.
  [[nodiscard]] static std::size_t size_for(std::uint32_t capacity) noexcept;
  // True if these bytes are a log (and no encoded state).
  [[nodiscard]] static bool is_log(std::span<const std::byte> bytes) noexcept;
  // Writes an empty log over all of `bytes`, whose horizon is `horizon`.
  static AwardLog start(std::span<std::byte> bytes, const Program &program, Instant horizon) noexcept;
  // Throws InvalidState if the bytes are no log.
  explicit AwardLog(std::span<std::byte> bytes);

  [[nodiscard]] std::int32_t model() const noexcept { return header().model; }
  [[nodiscard]] std::int32_t version() const noexcept { return header().version; }
  [[nodiscard]] Instant horizon() const noexcept { return Instant(Duration(header().horizon)); }
  [[nodiscard]] std::uint32_t capacity() const noexcept { return header().capacity; }
  [[nodiscard]] std::uint32_t free() const noexcept { return header().capacity - header().count; }

  void note_event(Instant at) noexcept;
  // There must be room: see `free`.
  void append(SlotIndex slot, Instant at, double points) noexcept;

  // The state that the log stands for, folded at its horizon.
  [[nodiscard]] State to_state(const Program &program) const;
  // Folds what can be folded at the horizon, which makes room. Returns how many awards are left.
  std::uint32_t compact(const Program &program);
  // Appends all of `other`, for which there must be room, to this empty log.
  void copy_from(const AwardLog &other) noexcept;

 private:
  struct Header {
    std::uint32_t format;
    std::uint32_t capacity;
    std::uint32_t count;
    std::int32_t model;
    std::int32_t version;
    std::uint32_t padding;
    std::int64_t horizon;
    std::int64_t last_event_at;
  };

  struct Unchecked {};
  AwardLog(std::span<std::byte> bytes, Unchecked) noexcept : bytes_(bytes) {}

  [[nodiscard]] Header header() const noexcept;
  void set_header(const Header &header) noexcept;
  [[nodiscard]] Award award(std::uint32_t index) const noexcept;
  void set_award(std::uint32_t index, const Award &award) noexcept;

  std::span<std::byte> bytes_;
};

}  // namespace leadscore
