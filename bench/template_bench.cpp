// What a chat request with tools costs before it is tokenized: reading the body, writing the
// prompt, and how the answer will be constrained and read. The first request of its kind pays for
// more.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "chat/chat_template.h"
#include "protocol/openai/chat_request.h"

namespace {

using namespace shimmy;

constexpr int kTools = 20;

std::string body() {
  std::string tools;
  for (int i = 0; i < kTools; ++i) {
    tools += fmt::format(
        R"({}{{"type":"function","function":{{"name":"tool_{}","description":"Looks up the {}th kind of thing for the user, by its name.","parameters":{{"type":"object","properties":{{"path":{{"type":"string","description":"where it lies"}},"limit":{{"type":"integer","minimum":1,"maximum":100}},"mode":{{"enum":["fast","exact"]}},"tags":{{"type":"array","items":{{"type":"string"}}}}}},"required":["path"],"additionalProperties":false}}}}}})",
        i == 0 ? "" : ",", i, i);
  }
  return fmt::format(
      R"({{"model":"m","messages":[{{"role":"system","content":"You help."}},{{"role":"user","content":"Read a.txt."}},{{"role":"assistant","content":null,"tool_calls":[{{"id":"call_1","type":"function","function":{{"name":"tool_1","arguments":"{{\"path\":\"a.txt\"}}"}}}}]}},{{"role":"tool","tool_call_id":"call_1","content":"It says hello."}},{{"role":"user","content":"And b.txt?"}}],"tools":[{}]}})",
      tools);
}

std::shared_ptr<const chat::ChatTemplate> load(const std::string& name) {
  std::ifstream file(std::string(SHIMMY_LLAMA_TEMPLATES "/") + name, std::ios::binary);
  generation::ModelFacts facts;
  facts.chat_template.assign(std::istreambuf_iterator<char>(file), {});
  facts.bos_text = "<s>";
  facts.eos_text = "</s>";
  return chat::ChatTemplate::create(facts).value();
}

// False where the request fails.
bool prepare(const chat::ChatTemplate& chat_template, const std::string& text) {
  const auto request = protocol::openai::decode_chat_request(text);
  if (!request) return false;
  auto prompt = chat_template.prepare(request->conversation);
  benchmark::DoNotOptimize(prompt);
  return prompt.has_value();
}

void first_request(benchmark::State& state, const std::string& name) {
  const std::string text = body();
  for (auto _ : state) {
    if (prepare(*load(name), text)) continue;
    state.SkipWithError("the template refuses it");
    break;
  }
}

void next_request(benchmark::State& state, const std::string& name) {
  const std::string text = body();
  const auto chat_template = load(name);
  prepare(*chat_template, text);
  for (auto _ : state) {
    if (prepare(*chat_template, text)) continue;
    state.SkipWithError("the template refuses it");
    break;
  }
}

}  // namespace

int main(int argc, char** argv) {
  for (const std::string name : {"Qwen-Qwen3-0.6B.jinja", "meta-llama-Llama-3.1-8B-Instruct.jinja",
                                 "openai-gpt-oss-120b.jinja", "deepseek-ai-DeepSeek-V3.1.jinja"}) {
    benchmark::RegisterBenchmark(("first/" + name).c_str(), first_request, name)
        ->Unit(benchmark::kMicrosecond);
    benchmark::RegisterBenchmark(("next/" + name).c_str(), next_request, name)
        ->Unit(benchmark::kMicrosecond);
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
