#include "pg/row_document.hpp"

#include "pg/query.hpp"

namespace leadscore::pg {

const Jsonb *RowDocument::get() {
  if (!is_made_) document_ = make();
  is_made_ = true;
  return document_;
}

void RowDocument::follow_shape() {
  const ShapeIdentity shape = row_->shape();
  if (shape_ == shape) return;
  is_pure_ = has_pure_columns(row_->descriptor());
  distrusted_ = is_pure_ ? InvalidOid : type_with_foreign_cast(row_->descriptor());
  shape_ = shape;
}

const Jsonb *RowDocument::make() {
  follow_shape();
  if (!OidIsValid(distrusted_)) {
    return row_to_jsonb(*row_, is_pure_, [this](const ErrorData &error) { report_(error.sqlerrcode, error.message); });
  }
  report_(ERRCODE_INSUFFICIENT_PRIVILEGE,
          "The cast of type " + type_name(distrusted_, -1) +
              " to json is code of a role that is neither the model's owner nor a superuser. As SECURITY DEFINER it would run with "
              "that role's own rights.");
  return nullptr;
}

}  // namespace leadscore::pg
