#include "llama/render_limits.h"

#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "llama/tool_sections.h"

namespace shimmy::llama {
namespace {

using jinja::statement;
using jinja::statement_ptr;
using jinja::statements;
using jinja::value;

// Of the render that goes on on this thread: llama-common's nodes have nowhere else to look.
// NOLINTBEGIN(cppcoreguidelines-avoid-non-const-global-variables)
thread_local int steps = 0;
thread_local int depth = 0;
thread_local bool exceeded = false;
// NOLINTEND(cppcoreguidelines-avoid-non-const-global-variables)

[[noreturn]] void stop(const char* why) {
  exceeded = true;
  throw std::runtime_error(why);
}

void count_step() {
  if (++steps > RenderLimits::kMaxSteps) stop("It takes more than 50000 steps.");
}

value bounded_range(const jinja::func_args& args) {
  for (std::size_t i = 0; i < args.count(); ++i) {
    const value bound = args.get_pos(i);
    if (!jinja::is_val<jinja::value_int>(bound)) continue;
    if (std::abs(bound->as_int()) > RenderLimits::kMaxRange)
      stop("It counts with range() beyond 10000.");
  }
  return jinja::global_builtins().at("range")(args);
}

// In front of the whole template.
class Range final : public statement {
 public:
  Range() { pos = 0; }
  std::string type() const override { return "Range"; }
  value execute_impl(jinja::context& context) const override {
    context.set_val("range", jinja::mk_val<jinja::value_func>("range", bounded_range));
    return jinja::mk_val<jinja::value_undefined>();
  }
};

// In front of a loop's body.
class Step final : public statement {
 public:
  explicit Step(const statement& loop) { pos = loop.pos; }

  std::string type() const override { return "Step"; }
  value execute_impl(jinja::context& /*context*/) const override {
    count_step();
    return jinja::mk_val<jinja::value_undefined>();
  }
};

// In place of a macro's body.
class Body final : public statement {
 public:
  Body(const statement& macro, statements parts) : parts_(std::move(parts)) { pos = macro.pos; }

  std::string type() const override { return "Body"; }
  void visit(jinja::context& context) const override {
    context.visitor(false, this, {{"body", jinja::stmts_to_ptr(parts_)}});
  }

  value execute_impl(jinja::context& context) const override {
    count_step();
    const Level level;
    auto result = jinja::mk_val<jinja::value_array>();
    for (const statement_ptr& part : parts_) result->push_back(part->execute(context));
    return result;
  }

 private:
  struct Level {
    Level() {
      if (depth >= RenderLimits::kMaxDepth) stop("Its macros call each other more than 100 deep.");
      ++depth;
    }
    ~Level() { --depth; }
  };

  statements parts_;
};

// In place of an assignment.
class Assignment final : public statement {
 public:
  Assignment(statement_ptr set, const statement& assignee)
      : set_(std::move(set)), assignee_(assignee) {
    pos = set_->pos;
  }

  std::string type() const override { return set_->type(); }
  void visit(jinja::context& context) const override { set_->visit(context); }

  value execute_impl(jinja::context& context) const override {
    value result = set_->execute(context);
    const value made = assignee_.execute(context);
    const auto* text = jinja::cast_val<jinja::value_string>(made);
    const auto* list = jinja::cast_val<jinja::value_array>(made);
    if ((text && text->val_str.length() > RenderLimits::kMaxText) ||
        (list && list->as_array().size() > RenderLimits::kMaxItems))
      stop("One of its variables grows too large.");
    return result;
  }

 private:
  statement_ptr set_;
  const statement& assignee_;  // a part of it
};

void enforce_all(statements& parts);

void enforce_below(statement& part) {
  if (auto* branch = dynamic_cast<jinja::if_statement*>(&part)) {
    enforce_all(branch->body);
    enforce_all(branch->alternate);
  } else if (auto* loop = dynamic_cast<jinja::for_statement*>(&part)) {
    enforce_all(loop->body);
    enforce_all(loop->default_block);
    loop->body.insert(loop->body.begin(), std::make_unique<Step>(*loop));
  } else if (auto* macro = dynamic_cast<jinja::macro_statement*>(&part)) {
    enforce_all(macro->body);
    auto body = std::make_unique<Body>(*macro, std::move(macro->body));
    macro->body.clear();
    macro->body.push_back(std::move(body));
  } else if (auto* set = dynamic_cast<jinja::set_statement*>(&part)) {
    enforce_all(set->body);
  } else if (auto* filter = dynamic_cast<jinja::filter_statement*>(&part)) {
    enforce_all(filter->body);
  } else if (auto* call = dynamic_cast<jinja::call_statement*>(&part)) {
    enforce_all(call->body);
    call->body.insert(call->body.begin(), std::make_unique<Step>(*call));
  } else if (auto* remembered = dynamic_cast<RememberedPart*>(&part)) {
    enforce_below(remembered->part());
  }
}

void enforce_all(statements& parts) {
  for (statement_ptr& part : parts) {
    enforce_below(*part);
    if (const auto* set = dynamic_cast<const jinja::set_statement*>(part.get()))
      part = std::make_unique<Assignment>(std::move(part), *set->assignee);
  }
}

}  // namespace

void RenderLimits::enforce(jinja::program& program) {
  enforce_all(program.body);
  program.body.insert(program.body.begin(), std::make_unique<Range>());
}

RenderLimits::Count::Count()
    : outer_steps_(std::exchange(steps, 0)), was_exceeded_(std::exchange(exceeded, false)) {}

RenderLimits::Count::~Count() {
  steps = outer_steps_;
  exceeded = was_exceeded_;
}

bool RenderLimits::Count::is_exceeded() { return exceeded; }

}  // namespace shimmy::llama
