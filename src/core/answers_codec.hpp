// The answers of a lead's row as packed bytes: a bit each, and a list of those that are unknown; two bits each where these are
// many.
#pragma once

#include <cstddef>
#include <vector>

#include "core/byte_stream.hpp"
#include "core/state.hpp"

namespace leadscore {

[[nodiscard]] std::size_t count_unknown(const std::vector<Answer> &answers) noexcept;

// Whether so many answers, of which some are unknown, take two bits each.
[[nodiscard]] bool takes_two_bits(std::size_t count, std::size_t unknown) noexcept;

// `unknown` is what count_unknown gives.
void write_answers(ByteWriter &out, const std::vector<Answer> &answers, std::size_t unknown);

// Reads what write_answers has written, into memory that is used again. Throws InvalidState for no answers and for any other form.
void read_answers(ByteReader &in, bool is_wide, std::vector<Answer> &answers);

}  // namespace leadscore
