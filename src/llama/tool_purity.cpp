#include "llama/tool_purity.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <vector>

namespace shimmy::llama {
namespace {

using jinja::statement;
using Names = std::set<std::string, std::less<>>;

constexpr std::string_view kTools = "tools";
constexpr std::array<std::string_view, 9> kConstants{
    "true", "True", "false", "False", "none", "None", "range", "namespace", "raise_exception"};
constexpr std::array<std::string_view, 10> kChangers{"append",  "extend", "insert", "pop",
                                                     "remove",  "clear",  "update", "setdefault",
                                                     "reverse", "sort"};
constexpr int kMaxSteps = 20'000;  // macros are looked into at each call

template <class List>
bool contains(const List& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

template <class Node>
const Node* as(const statement* node) {
  return dynamic_cast<const Node*>(node);
}

template <class List>
std::vector<const statement*> pointers(const List& list) {
  std::vector<const statement*> result;
  result.reserve(list.size());
  for (const auto& item : list) result.push_back(item.get());
  return result;
}

// Everything below a node, names of members and keywords among it.
std::vector<const statement*> children(const statement& node) {
  if (const auto* array = as<jinja::array_literal>(&node)) return pointers(array->val);
  if (const auto* tuple = as<jinja::tuple_literal>(&node)) return pointers(tuple->val);
  std::vector<const statement*> result;
  if (const auto* object = as<jinja::object_literal>(&node)) {
    for (const auto& [key, value] : object->val) {
      result.push_back(key.get());
      result.push_back(value.get());
    }
    return result;
  }
  jinja::context context;
  context.visitor = [&](bool, const statement*, const std::vector<jinja::visitor_pair>& groups) {
    for (const auto& [name, nodes] : groups) {
      for (const statement* child : nodes) {
        if (child != nullptr) result.push_back(child);
      }
    }
  };
  node.visit(context);
  return result;
}

std::string name_of(const statement* node) {
  const auto* identifier = as<jinja::identifier>(node);
  return identifier == nullptr ? std::string() : identifier->val;
}

// `list.append` and its like, and an assignment to a member of anything but a namespace.
bool may_change_values(const statement& node, const Names& namespaces) {
  if (const auto* member = as<jinja::member_expression>(&node); member && !member->computed) {
    if (contains(kChangers, name_of(member->property.get()))) return true;
  }
  const auto* set = as<jinja::set_statement>(&node);
  const auto* target = set == nullptr ? nullptr : as<jinja::member_expression>(set->assignee.get());
  if (target && !namespaces.contains(name_of(target->object.get()))) return true;
  return std::ranges::any_of(children(node), [&](const statement* child) {
    return may_change_values(*child, namespaces);
  });
}

// The name that `{% set name = namespace(…) %}` gives; empty for any other node.
std::string new_namespace(const statement& node) {
  const auto* set = as<jinja::set_statement>(&node);
  const auto* call = set == nullptr ? nullptr : as<jinja::call_expression>(set->val.get());
  if (call == nullptr || name_of(call->callee.get()) != "namespace") return {};
  return name_of(set->assignee.get());
}

void collect_namespaces(const statement& node, Names& names) {
  if (std::string name = new_namespace(node); !name.empty()) names.insert(std::move(name));
  for (const statement* child : children(node)) collect_namespaces(*child, names);
}

using Macros = std::map<std::string, const jinja::macro_statement*, std::less<>>;

// Walks one part in the order in which it runs.
class Walk {
 public:
  explicit Walk(const Macros& macros) : macros_(macros) {}

  bool is_pure(const statement& part) {
    Names known;
    visit(part, known, /*in_scope=*/false);
    return !is_impure_ && reads_tools_;
  }

 private:
  void visit_all(const std::vector<const statement*>& nodes, Names known, bool in_scope) {
    for (const statement* node : nodes) visit(*node, known, in_scope);
  }

  // `known`: variables that were certainly made within the part; grows with what `node` makes in
  // its own scope. `in_scope`: in a loop or macro, which variables do not leave.
  void visit(const statement& node, Names& known, bool in_scope) {
    is_impure_ = is_impure_ || ++steps_ > kMaxSteps || is_left_alone(node);
    if (is_impure_) return;
    if (const auto* name = as<jinja::identifier>(&node)) {
      read(name->val, known);
    } else if (const auto* loop = as<jinja::for_statement>(&node)) {
      visit_loop(*loop, known);
    } else if (const auto* branch = as<jinja::if_statement>(&node)) {
      visit(*branch->test, known, in_scope);
      visit_all(pointers(branch->body), known, in_scope);
      visit_all(pointers(branch->alternate), known, in_scope);
    } else if (const auto* set = as<jinja::set_statement>(&node)) {
      visit_set(*set, known, in_scope);
    } else {
      visit_expression(node, known, in_scope);
    }
  }

  // What would need rules of its own, and is rare.
  static bool is_left_alone(const statement& node) {
    return as<jinja::macro_statement>(&node) || as<jinja::call_statement>(&node) ||
           as<jinja::break_statement>(&node) || as<jinja::continue_statement>(&node) ||
           as<jinja::spread_expression>(&node) || as<jinja::filter_statement>(&node);
  }

  void visit_expression(const statement& node, Names& known, bool in_scope) {
    if (const auto* member = as<jinja::member_expression>(&node)) {
      visit(*member->object, known, in_scope);
      if (member->computed) visit(*member->property, known, in_scope);
    } else if (const auto* keyword = as<jinja::keyword_argument_expression>(&node)) {
      visit(*keyword->val, known, in_scope);
    } else if (const auto* filter = as<jinja::filter_expression>(&node)) {
      visit(*filter->operand, known, in_scope);
      visit_arguments(filter->filter.get(), known);
    } else if (const auto* test = as<jinja::test_expression>(&node)) {
      visit(*test->operand, known, in_scope);
      visit_arguments(test->test.get(), known);
    } else if (const auto* call = as<jinja::call_expression>(&node)) {
      visit_call(*call, known, in_scope);
    } else {
      visit_all(children(node), known, in_scope);
    }
  }

  // Of a filter or test, whose own name is no variable.
  void visit_arguments(const statement* call, const Names& known) {
    if (const auto* expression = as<jinja::call_expression>(call))
      visit_all(pointers(expression->args), known, true);
  }

  void visit_call(const jinja::call_expression& call, Names& known, bool in_scope) {
    visit_all(pointers(call.args), known, in_scope);
    const auto macro = macros_.find(name_of(call.callee.get()));
    if (macro == macros_.end() || known.contains(macro->first)) {
      visit(*call.callee, known, in_scope);
      return;
    }
    if (!open_macros_.insert(macro->second).second) return;  // it calls itself
    Names inside = known;
    for (const auto& parameter : macro->second->args) {
      const auto* with_default = as<jinja::keyword_argument_expression>(parameter.get());
      if (with_default) visit(*with_default->val, inside, true);
      inside.insert(name_of(with_default ? with_default->key.get() : parameter.get()));
    }
    visit_all(pointers(macro->second->body), std::move(inside), true);
    open_macros_.erase(macro->second);
  }

  void visit_loop(const jinja::for_statement& loop, const Names& known) {
    const auto* filtered = as<jinja::select_expression>(loop.iterable.get());
    Names inside = known;
    visit(filtered ? *filtered->lhs : *loop.iterable, inside, true);
    inside.insert("loop");
    if (const std::string name = name_of(loop.loopvar.get()); !name.empty()) {
      inside.insert(name);
    } else {
      for (const statement* variable : children(*loop.loopvar)) inside.insert(name_of(variable));
    }
    if (filtered) visit(*filtered->test, inside, true);
    visit_all(pointers(loop.body), std::move(inside), true);
    visit_all(pointers(loop.default_block), known, false);
  }

  void visit_set(const jinja::set_statement& set, Names& known, bool in_scope) {
    if (set.val) visit(*set.val, known, in_scope);
    visit_all(pointers(set.body), known, in_scope);
    if (!in_scope) is_impure_ = true;
    if (const auto* member = as<jinja::member_expression>(set.assignee.get())) {
      if (!known.contains(name_of(member->object.get()))) is_impure_ = true;
    } else if (const std::string name = name_of(set.assignee.get()); !name.empty()) {
      known.insert(name);
    } else {
      for (const statement* variable : children(*set.assignee)) known.insert(name_of(variable));
    }
  }

  void read(const std::string& name, const Names& known) {
    if (known.contains(name) || contains(kConstants, name)) return;
    if (name == kTools) reads_tools_ = true;
    else is_impure_ = true;
  }

  const Macros& macros_;
  std::set<const jinja::macro_statement*> open_macros_;
  bool reads_tools_ = false;
  bool is_impure_ = false;
  int steps_ = 0;
};

}  // namespace

ToolPurity::ToolPurity(const jinja::program& program) {
  Names namespaces;
  Names twice;
  for (const auto& node : program.body) {
    collect_namespaces(*node, namespaces);
    const auto* macro = as<jinja::macro_statement>(node.get());
    if (macro && !macros_.emplace(name_of(macro->name.get()), macro).second)
      twice.insert(name_of(macro->name.get()));
  }
  for (const std::string& name : twice) macros_.erase(name);
  changes_values_ = std::ranges::any_of(
      program.body, [&](const auto& node) { return may_change_values(*node, namespaces); });
}

bool ToolPurity::depends_on_tools_alone(const statement& part) const {
  return !changes_values_ && Walk(macros_).is_pure(part);
}

}  // namespace shimmy::llama
