// The transition state of the aggregates over events: one flat buffer, in which an award that can be folded at the horizon is added
// to a sum, and any other is appended.
//
// A flat buffer, since PostgreSQL copies, counts and ships transition values as plain bytes; sums and a log, since decoding and
// encoding a state for every event would cost its size each time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "core/state.hpp"

namespace leadscore {

// A view of a log in memory that somebody else owns. The bytes come from `start` and the other functions here alone, never from a
// user: nothing but their length and format is checked.
class AwardLog {
 public:
  // How many bytes a log with room for `capacity` awards besides the sums takes.
  [[nodiscard]] static std::size_t size_for(const Program &program, std::uint32_t capacity) noexcept;
  // True if these bytes are a log (and no encoded state).
  [[nodiscard]] static bool is_log(std::span<const std::byte> bytes) noexcept;
  // Writes an empty log over all of `bytes`, whose horizon is `horizon`.
  static AwardLog start(std::span<std::byte> bytes, const Program &program, Instant horizon) noexcept;
  // Throws InvalidState if the bytes are no log.
  explicit AwardLog(std::span<std::byte> bytes);

  [[nodiscard]] std::int32_t model() const noexcept { return get(&Header::model); }
  [[nodiscard]] std::int32_t version() const noexcept { return get(&Header::version); }
  [[nodiscard]] Instant horizon() const noexcept { return Instant(Duration(get(&Header::horizon))); }
  [[nodiscard]] std::uint32_t capacity() const noexcept { return get(&Header::capacity); }
  [[nodiscard]] std::uint32_t free() const noexcept { return get(&Header::capacity) - get(&Header::count); }

  void note_event(Instant at) noexcept;
  // Adds an entry to its slot's sum. False, and nothing done, if it must be appended.
  [[nodiscard]] bool add(const Program &program, SlotIndex slot, Instant at, double points) noexcept;
  // There must be room: see `free`.
  void append(SlotIndex slot, Instant at, double points) noexcept;

  // The state that the log stands for, folded at its horizon.
  [[nodiscard]] State to_state(const Program &program) const;
  // Folds what can be folded at the horizon, which makes room. Returns how many awards are left.
  std::uint32_t compact(const Program &program);
  // Takes all of `other`, a log of the same version for which there must be room, into this empty log.
  void copy_from(const AwardLog &other) noexcept;

 private:
  struct Header {
    std::uint32_t format;
    std::uint32_t sums;  // how many; one a slot, or none
    std::uint32_t capacity;
    std::uint32_t count;
    std::int32_t model;
    std::int32_t version;
    std::int64_t horizon;
    std::int64_t last_event_at;
  };

  struct Unchecked {};
  AwardLog(std::span<std::byte> bytes, Unchecked) noexcept : bytes_(bytes) {}

  // The buffer need not be aligned.
  template <typename Value>
  [[nodiscard]] Value load(std::size_t offset) const noexcept {
    Value value;
    std::memcpy(&value, bytes_.data() + offset, sizeof value);
    return value;
  }
  template <typename Value>
  void store(std::size_t offset, const Value &value) noexcept {
    std::memcpy(bytes_.data() + offset, &value, sizeof value);
  }
  template <typename Value>
  [[nodiscard]] static std::size_t offset_of(Value Header::*member) noexcept {
    constexpr Header header{};
    return static_cast<std::size_t>(reinterpret_cast<const std::byte *>(&(header.*member)) -
                                    reinterpret_cast<const std::byte *>(&header));
  }
  template <typename Value>
  [[nodiscard]] Value get(Value Header::*member) const noexcept {
    return load<Value>(offset_of(member));
  }
  template <typename Value>
  void set(Value Header::*member, Value value) noexcept {
    store(offset_of(member), value);
  }

  [[nodiscard]] static std::size_t sum_offset(SlotIndex slot) noexcept { return sizeof(Header) + slot * sizeof(double); }
  [[nodiscard]] std::size_t award_offset(std::uint32_t index) const noexcept {
    return sum_offset(get(&Header::sums)) + index * sizeof(Award);
  }
  void clear() noexcept;

  std::span<std::byte> bytes_;
};

}  // namespace leadscore
