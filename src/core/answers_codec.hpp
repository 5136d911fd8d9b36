// The answers of a lead's row as packed bytes: a bit each, and a list of those that are unknown; two bits each where these are
// many.
#pragma once

#include <cstddef>

#include "core/answers.hpp"
#include "core/byte_stream.hpp"

namespace leadscore {

// Whether so many answers, of which some are unknown, take two bits each.
[[nodiscard]] bool takes_two_bits(std::size_t count, std::size_t unknown) noexcept;

void write_answers(ByteWriter &out, const Answers &answers);

// Reads what write_answers has written, into memory that is used again. Throws InvalidState for no answers and for any other form.
void read_answers(ByteReader &in, bool is_wide, Answers &answers);

}  // namespace leadscore
