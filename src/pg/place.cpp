#include "pg/place.hpp"

#include <algorithm>

#include "pg/guard.hpp"

namespace leadscore::pg {

namespace {

bool is_container(const JsonbValue &value) noexcept { return value.type == jbvBinary; }
bool is_array(const JsonbValue &value) noexcept { return is_container(value) && JsonContainerIsArray(value.val.binary.data); }
bool is_object(const JsonbValue &value) noexcept { return is_container(value) && JsonContainerIsObject(value.val.binary.data); }

void append_elements(const JsonbValue &array, std::vector<JsonbValue> &elements) {
  JsonbContainer *container = array.val.binary.data;
  const std::uint32_t count = JsonContainerSize(container);
  const std::size_t first = elements.size();
  elements.resize(first + count);
  JsonbValue *out = elements.data() + first;
  call([container, out] {
    JsonbIterator *iterator = JsonbIteratorInit(container);
    JsonbValue value;
    std::uint32_t i = 0;
    for (JsonbIteratorToken token = JsonbIteratorNext(&iterator, &value, true); token != WJB_DONE;
         token = JsonbIteratorNext(&iterator, &value, true))
      if (token == WJB_ELEM) out[i++] = value;
  });
}

void follow(const JsonbValue &value, const std::vector<PlaceStep> &steps, std::size_t step, std::vector<JsonbValue> &found);

void follow_elements(const JsonbValue &array, const std::vector<PlaceStep> &steps, std::size_t step,
                     std::vector<JsonbValue> &found) {
  std::vector<JsonbValue> elements;
  append_elements(array, elements);
  for (const JsonbValue &element : elements) follow(element, steps, step, found);
}

void follow_key(const JsonbValue &object, const std::vector<PlaceStep> &steps, std::size_t step, std::vector<JsonbValue> &found) {
  const std::string &key = *steps[step].key;
  JsonbValue value;
  if (getKeyJsonValueFromContainer(object.val.binary.data, key.data(), static_cast<int>(key.size()), &value) != nullptr)
    follow(value, steps, step + 1, found);
}

void follow(const JsonbValue &value, const std::vector<PlaceStep> &steps, std::size_t step, std::vector<JsonbValue> &found) {
  if (step == steps.size()) {
    found.push_back(value);
  } else if (!steps[step].key) {
    if (is_array(value))
      follow_elements(value, steps, step + 1, found);
    else
      follow(value, steps, step + 1, found);
  } else if (is_object(value)) {
    follow_key(value, steps, step, found);
  } else if (is_array(value)) {
    // Only one level of arrays is entered: an array in an array has no keys.
    std::vector<JsonbValue> elements;
    append_elements(value, elements);
    for (const JsonbValue &element : elements)
      if (is_object(element)) follow_key(element, steps, step, found);
  }
}

}  // namespace

std::string_view text_of(JsonPathItem &item) noexcept {
  int32 length = 0;
  const char *text = jspGetString(&item, &length);
  return {text, static_cast<std::size_t>(length)};
}

double to_double(Numeric number) {
  return call([number] { return DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(number))); });
}

ItemType type_of(const Item &item) {
  struct {
    ItemType operator()(JsonNull) const noexcept { return ItemType::null; }
    ItemType operator()(bool) const noexcept { return ItemType::boolean; }
    ItemType operator()(std::int64_t) const noexcept { return ItemType::number; }
    ItemType operator()(double) const noexcept { return ItemType::number; }
    ItemType operator()(Numeric) const noexcept { return ItemType::number; }
    ItemType operator()(std::string_view) const noexcept { return ItemType::string; }
    ItemType operator()(JsonContainer) const noexcept { return ItemType::container; }
  } type;
  return std::visit(type, item);
}

Item item_of(const JsonbValue &value) noexcept {
  switch (value.type) {
    case jbvNull:
      return JsonNull{};
    case jbvBool:
      return value.val.boolean;
    case jbvNumeric:
      return value.val.numeric;
    case jbvString:
      return std::string_view(value.val.string.val, static_cast<std::size_t>(value.val.string.len));
    default:
      return JsonContainer{};
  }
}

JsonbValue root_value(Jsonb *document) {
  JsonbValue value{};
  if (JB_ROOT_IS_SCALAR(document)) {
    call([document, &value] { (void)JsonbExtractScalar(&document->root, &value); });
    return value;
  }
  value.type = jbvBinary;
  value.val.binary.data = &document->root;
  value.val.binary.len = static_cast<int>(VARSIZE(document) - VARHDRSZ);
  return value;
}

std::optional<std::vector<PlaceStep>> steps_after(JsonPathItem &item) {
  std::vector<PlaceStep> steps;
  JsonPathItem current = item;
  JsonPathItem next;
  while (jspGetNext(&current, &next)) {
    if (next.type == jpiKey)
      steps.push_back({.key = std::string(text_of(next))});
    else if (next.type == jpiAnyArray)
      steps.push_back({.key = std::nullopt});
    else
      return std::nullopt;
    current = next;
  }
  return steps;
}

std::optional<Place> place_of(JsonPathItem &item) {
  JsonPathItem column;
  if (item.type != jpiRoot || !jspGetNext(&item, &column) || column.type != jpiKey) return std::nullopt;
  std::optional<std::vector<PlaceStep>> steps = steps_after(column);
  if (!steps) return std::nullopt;
  return Place{.column = std::string(text_of(column)), .steps = std::move(*steps)};
}

void follow_steps(const JsonbValue &value, const std::vector<PlaceStep> &steps, std::vector<JsonbValue> &found) {
  follow(value, steps, 0, found);
}

void unwrap_arrays(std::vector<JsonbValue> &found) {
  const auto array = std::ranges::find_if(found, is_array);
  if (array == found.end()) return;
  std::vector<JsonbValue> unwrapped;
  for (const JsonbValue &value : found) {
    if (is_array(value))
      append_elements(value, unwrapped);
    else
      unwrapped.push_back(value);
  }
  found = std::move(unwrapped);
}

}  // namespace leadscore::pg
