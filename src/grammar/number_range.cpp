#include "grammar/number_range.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "grammar/rules.h"

namespace shimmy::grammar {
namespace {

constexpr std::uint64_t kLargestUnbounded = 999'999'999'999'999;

std::string digit_class(char first, char last) {
  if (first == last) return fmt::format("\"{}\"", first);
  return fmt::format("[{}-{}]", first, last);
}

std::string free_digits(std::size_t count) {
  if (count == 0) return "\"\"";
  return count == 1 ? "[0-9]" : fmt::format("[0-9]{{{}}}", count);
}

bool is_all(std::string_view digits, char digit) {
  return std::ranges::all_of(digits, [&](char one) { return one == digit; });
}

// Digit strings of one length from `least` to `most`.
std::string same_length(std::string_view least, std::string_view most) {
  if (least.empty()) return "\"\"";
  const std::string_view rest_least = least.substr(1);
  const std::string_view rest_most = most.substr(1);
  if (is_all(rest_least, '0') && is_all(rest_most, '9')) {
    return digit_class(least[0], most[0]) + " " + free_digits(rest_least.size());
  }
  if (least[0] == most[0]) {
    return digit_class(least[0], least[0]) + " " + same_length(rest_least, rest_most);
  }
  const std::string zeros(rest_least.size(), '0');
  const std::string nines(rest_least.size(), '9');
  std::vector<std::string> parts;
  parts.push_back(digit_class(least[0], least[0]) + " " + same_length(rest_least, nines));
  if (most[0] - least[0] > 1) {
    const auto first = static_cast<char>(least[0] + 1);
    const auto last = static_cast<char>(most[0] - 1);
    parts.push_back(digit_class(first, last) + " " + free_digits(rest_least.size()));
  }
  parts.push_back(digit_class(most[0], most[0]) + " " + same_length(zeros, rest_most));
  return any_of(parts);
}

void add_magnitudes(std::uint64_t least, std::uint64_t most, const std::string& sign,
                    std::vector<std::string>& parts) {
  const std::string last = fmt::to_string(most);
  for (std::string first = fmt::to_string(least); first.size() <= last.size();) {
    const std::string end = first.size() == last.size() ? last : std::string(first.size(), '9');
    parts.push_back(sign + same_length(first, end));
    first = "1" + std::string(first.size(), '0');
  }
}

// |value|, also of the lowest integer.
std::uint64_t magnitude(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  return value < 0 ? 0 - bits : bits;
}

// One end of a range of numbers that are not negative.
struct Magnitude {
  std::uint64_t whole = 0;
  std::string fraction;  // digits behind the point, without zeros at the end
  bool exclusive = false;
};

Magnitude magnitude(const NumberBound& bound) {
  // The shortest digits that mean this double, never with an exponent.
  const std::string text = fmt::format("{}", std::abs(bound.value));
  std::string digits = text.find('e') == std::string::npos
                           ? text
                           : fmt::format("{:.{}f}", std::abs(bound.value), 2 * kNumberDigits);
  Magnitude result;
  const std::size_t point = digits.find('.');
  result.whole = std::stoull(digits.substr(0, point));
  if (point != std::string::npos) result.fraction = digits.substr(point + 1);
  while (result.fraction.ends_with('0')) result.fraction.pop_back();
  result.exclusive = bound.exclusive;
  return result;
}

// What may stand behind the point when the whole parts are those of the bounds. A bound is tight
// while all digits so far are its own.
class Fractions {
 public:
  // `digits`: how many a reader still tells apart behind the point.
  Fractions(const Magnitude* least, const Magnitude* most, std::size_t digits)
      : least_(least), most_(most), digits_(digits), length_(std::max(size(least), size(most))) {}

  // With the point; empty when there is none.
  std::string text() const {
    std::vector<std::string> parts;
    if (may_stop(0, least_ != nullptr, most_ != nullptr)) parts.emplace_back("\"\"");
    std::vector<std::string> digits;
    add_digits(0, least_ != nullptr, most_ != nullptr, digits);
    if (!digits.empty()) parts.push_back("\".\" " + any_of(digits));
    return parts.empty() ? "" : any_of(parts);
  }

 private:
  static std::size_t size(const Magnitude* bound) {
    return bound == nullptr ? 0 : bound->fraction.size();
  }
  static char digit(const Magnitude& bound, std::size_t place) {
    return place < bound.fraction.size() ? bound.fraction[place] : '0';
  }
  std::size_t room(std::size_t place) const { return place >= digits_ ? 1 : digits_ - place; }

  bool may_stop(std::size_t place, bool low, bool high) const {
    // A fraction has no zeros at the end: what is left of it is above zero.
    if (low && (place < least_->fraction.size() || least_->exclusive)) return false;
    return !high || place < most_->fraction.size() || !most_->exclusive;
  }

  // At least one more digit.
  void add_digits(std::size_t place, bool low, bool high, std::vector<std::string>& parts) const {
    if (!low && !high) {
      parts.push_back(fmt::format("[0-9]{{1,{}}}", room(place)));
      return;
    }
    if (place >= length_) {
      if (high) return;
      parts.push_back(least_->exclusive ? fmt::format("[0-9]{{0,{}}} [1-9]", room(place))
                                        : fmt::format("[0-9]{{1,{}}}", room(place)));
      return;
    }
    const char first = low ? digit(*least_, place) : '0';
    const char last = high ? digit(*most_, place) : '9';
    if (first == last) return add_after(first, first, place, low, high, parts);
    if (low) add_after(first, first, place, true, false, parts);
    const auto inner_first = static_cast<char>(low ? first + 1 : first);
    const auto inner_last = static_cast<char>(high ? last - 1 : last);
    if (inner_first <= inner_last) {
      add_after(inner_first, inner_last, place, false, false, parts);
    }
    if (high) add_after(last, last, place, false, true, parts);
  }

  void add_after(char first, char last, std::size_t place, bool low, bool high,
                 std::vector<std::string>& parts) const {
    std::vector<std::string> rest;
    if (may_stop(place + 1, low, high)) rest.emplace_back("\"\"");
    add_digits(place + 1, low, high, rest);
    if (!rest.empty()) parts.push_back(digit_class(first, last) + " " + any_of(rest));
  }

  const Magnitude* least_;
  const Magnitude* most_;
  std::size_t digits_;
  std::size_t length_;
};

// 99.999999999999999 would be read as 100: the whole part takes its digits from the fraction.
std::size_t fraction_digits(const Magnitude& least, const Magnitude& most) {
  const std::uint64_t whole = most.whole < kLargestUnbounded ? most.whole : least.whole;
  const std::size_t taken = whole == 0 ? 0 : fmt::to_string(whole).size();
  return std::max<std::size_t>(kNumberDigits - std::min<std::size_t>(taken, kNumberDigits), 1);
}

void add_numbers(const Magnitude& least, const Magnitude& most, const std::string& sign,
                 std::vector<std::string>& parts) {
  const std::size_t digits = fraction_digits(least, most);
  const auto add = [&](std::uint64_t whole, const Magnitude* low, const Magnitude* high) {
    const std::string fraction = Fractions(low, high, digits).text();
    if (!fraction.empty()) parts.push_back(fmt::format("{}\"{}\" {}", sign, whole, fraction));
  };
  if (least.whole == most.whole) return add(least.whole, &least, &most);
  if (least.whole > most.whole) return;
  add(least.whole, &least, nullptr);
  if (most.whole - least.whole > 1) {
    std::vector<std::string> wholes;
    add_magnitudes(least.whole + 1, most.whole - 1, sign, wholes);
    parts.push_back(any_of(wholes) + " " + Fractions(nullptr, nullptr, digits).text());
  }
  add(most.whole, nullptr, &most);
}

}  // namespace

std::string integer_range(std::optional<std::int64_t> least, std::optional<std::int64_t> most) {
  constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
  const auto limit = static_cast<std::int64_t>(kLargestUnbounded);
  if (!most) most = least.value_or(0) > limit ? highest : limit;
  if (!least) least = *most < -limit ? lowest : -limit;
  std::vector<std::string> parts;
  if (*least < 0) {
    const std::uint64_t nearest = *most < 0 ? magnitude(*most) : 1;
    add_magnitudes(nearest, magnitude(*least), "\"-\" ", parts);
  }
  if (*most >= 0) {
    add_magnitudes(*least > 0 ? magnitude(*least) : 0, magnitude(*most), "", parts);
  }
  return any_of(parts);
}

std::string number_range(const std::optional<NumberBound>& least,
                         const std::optional<NumberBound>& most) {
  const Magnitude furthest{kLargestUnbounded, {}, false};
  std::vector<std::string> parts;
  if (!least || least->value < 0) {
    // "-0" is left out.
    const bool ends_below_zero = most && most->value < 0;
    add_numbers(ends_below_zero ? magnitude(*most) : Magnitude{0, {}, true},
                least ? magnitude(*least) : furthest, "\"-\" ", parts);
  }
  const bool has_zero_or_more = !most || most->value > 0 || (most->value == 0 && !most->exclusive);
  if (has_zero_or_more) {
    const bool begins_at_zero = !least || least->value < 0;
    add_numbers(begins_at_zero ? Magnitude{} : magnitude(*least),
                most ? magnitude(*most) : furthest, "", parts);
  }
  return parts.empty() ? "" : any_of(parts);
}

}  // namespace shimmy::grammar
