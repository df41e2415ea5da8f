#include "llama/tool_sections.h"

#include <algorithm>
#include <utility>

#include "llama/tool_purity.h"

namespace shimmy::llama {
namespace {

using jinja::statement;
using jinja::statement_ptr;
using jinja::value;
using jinja::value_string;
using Texts = ToolSections::Texts;

constexpr std::size_t kMaxSets = 8;
constexpr std::size_t kMaxBytes = std::size_t{1} << 20;  // of one set's texts

// The tools, and where what is written of them is kept.
class KeyedTools final : public jinja::value_array_t {
 public:
  KeyedTools(std::vector<value> tools, std::shared_ptr<Texts> texts)
      : jinja::value_array_t(std::move(tools)), texts_(std::move(texts)) {}

  Texts& texts() const { return *texts_; }

 private:
  const std::shared_ptr<Texts> texts_;
};

// Replaces the largest parts that it can.
class Rewriter {
 public:
  explicit Rewriter(const jinja::program& program) : purity_(program) {}

  void rewrite(jinja::statements& parts) const {
    for (statement_ptr& part : parts) {
      if (is_worth_it(*part) && purity_.depends_on_tools_alone(*part)) {
        part = std::make_unique<RememberedPart>(std::move(part));
      } else {
        rewrite_below(*part);
      }
    }
  }

 private:
  static bool is_worth_it(const statement& part) {
    return dynamic_cast<const jinja::for_statement*>(&part) ||
           dynamic_cast<const jinja::if_statement*>(&part) ||
           dynamic_cast<const jinja::call_expression*>(&part) ||
           dynamic_cast<const jinja::filter_expression*>(&part) ||
           dynamic_cast<const jinja::binary_expression*>(&part);
  }

  void rewrite_below(statement& part) const {
    if (auto* branch = dynamic_cast<jinja::if_statement*>(&part)) {
      rewrite(branch->body);
      rewrite(branch->alternate);
    } else if (auto* loop = dynamic_cast<jinja::for_statement*>(&part)) {
      rewrite(loop->body);
      rewrite(loop->default_block);
    } else if (auto* macro = dynamic_cast<jinja::macro_statement*>(&part)) {
      rewrite(macro->body);
    } else if (auto* set = dynamic_cast<jinja::set_statement*>(&part)) {
      rewrite(set->body);
    }
  }

  const ToolPurity purity_;
};

}  // namespace

RememberedPart::RememberedPart(statement_ptr part) : part_(std::move(part)) { pos = part_->pos; }

value RememberedPart::execute_impl(jinja::context& context) const {
  const value tools = context.get_val("tools");
  const auto* keyed = dynamic_cast<const KeyedTools*>(tools.get());
  // Statistics are about what is read while it runs.
  if (keyed == nullptr || context.is_get_stats) return part_->execute(context);
  if (const value_string known = keyed->texts().find(this)) return known;
  const value_string text = jinja::runtime::gather_string_parts(part_->execute(context));
  keyed->texts().put(this, text);
  return text;
}

value_string Texts::find(const statement* part) const {
  const std::lock_guard lock(mutex_);
  const auto known = texts_.find(part);
  if (known == texts_.end()) return nullptr;
  return jinja::mk_val<value_string>(known->second);
}

void Texts::put(const statement* part, const value_string& text) {
  const std::lock_guard lock(mutex_);
  const std::size_t size = text->val_str.length();
  if (bytes_ + size > kMaxBytes || !texts_.emplace(part, text->val_str).second) return;
  bytes_ += size;
}

void ToolSections::remember(jinja::program& program) { Rewriter(program).rewrite(program.body); }

value ToolSections::tools(std::vector<value> tools, std::string key) {
  return std::make_shared<KeyedTools>(std::move(tools), texts_of(std::move(key)));
}

std::shared_ptr<Texts> ToolSections::texts_of(std::string key) {
  const std::lock_guard lock(mutex_);
  const auto known = std::ranges::find(entries_, key, &Entry::key);
  if (known != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, known);
  } else {
    entries_.push_front({std::move(key), std::make_shared<Texts>()});
    if (entries_.size() > kMaxSets) entries_.pop_back();
  }
  return entries_.front().texts;
}

}  // namespace shimmy::llama
