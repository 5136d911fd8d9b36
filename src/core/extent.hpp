// How much the parts of a model can give at all: what a share is a share of.
#pragma once

#include "core/model.hpp"
#include "core/program.hpp"

namespace leadscore {

// Sets Dimension::share_scale of every dimension that combines by share. The most that a child can give:
//   a lead rule: the largest of points, else_points and 0
//   an event rule: max_points; else points times max_awards if it awards so often ever, and has no multiplier; points once for a
//   frequency, or a silence that does not repeat; nothing if it only takes; a sub-dimension: that of its parts, within its clamp
// Throws InvalidModel if that of all children together is not bounded, or not above 0.
void set_share_scales(const ModelDefinition &definition, Program &program);

}  // namespace leadscore
