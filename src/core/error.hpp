// What the engine refuses. The database side gives each kind its SQLSTATE.
#pragma once

#include <stdexcept>

namespace leadscore {

// A model that cannot be compiled.
class InvalidModel : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Bytes that are no state, or a state that does not fit the version that it names.
class InvalidState : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A question that a state cannot answer: two states of different versions added, an instant before the state's horizon, an
// unknown dimension.
class InvalidArgument : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace leadscore
