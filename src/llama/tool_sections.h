// The parts of a template's output that tell of the tools alone, rendered once for each set of
// tools: agents send the same tools with every request, and templates write them slowly.
// For the .cpp files of this folder only: includes llama-common's parser.
#pragma once

#include <jinja/runtime.h>

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace shimmy::llama {

// Any thread may call any member.
class ToolSections {
 public:
  // What was rendered for one set of tools: a text for each part.
  class Texts {
   public:
    jinja::value_string find(const jinja::statement* part) const;  // null: not rendered yet
    void put(const jinja::statement* part, const jinja::value_string& text);

   private:
    mutable std::mutex mutex_;
    std::unordered_map<const jinja::statement*, jinja::string> texts_;  // guarded by mutex_
    std::size_t bytes_ = 0;                                             // guarded by mutex_
  };

  // Makes the parts of `program` remember what they wrote. Before anybody renders it.
  static void remember(jinja::program& program);

  // The value of the variable `tools`. `key` tells everything that the parts may depend on: the
  // tools, and further variables, which may stand in for constants.
  jinja::value tools(std::vector<jinja::value> tools, std::string key);

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<Texts> texts;
  };

  std::shared_ptr<Texts> texts_of(std::string key);

  std::mutex mutex_;
  std::list<Entry> entries_;  // guarded by mutex_; the latest first
};

// In place of a part that depends on the tools alone.
class RememberedPart final : public jinja::statement {
 public:
  explicit RememberedPart(jinja::statement_ptr part);

  jinja::statement& part() { return *part_; }

  std::string type() const override { return part_->type(); }
  void visit(jinja::context& context) const override { part_->visit(context); }
  jinja::value execute_impl(jinja::context& context) const override;

 private:
  const jinja::statement_ptr part_;
};

}  // namespace shimmy::llama
