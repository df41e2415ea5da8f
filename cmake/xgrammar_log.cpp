// XGrammar's own logging, which would write to stderr: failures become exceptions that its callers
// catch, and the rest is dropped, since whatever it warns of was checked before.
#include <stdexcept>
#include <string>

namespace xgrammar {

// NOLINTBEGIN(readability-identifier-naming): XGrammar calls them by these names.
[[noreturn]] void LogFatalImpl(const std::string& /*file*/, int /*line*/,
                               const std::string& message) {
  throw std::runtime_error(message);
}

void LogMessageImpl(const std::string& /*file*/, int /*line*/, int /*level*/,
                    const std::string& /*message*/) {}
// NOLINTEND(readability-identifier-naming)

}  // namespace xgrammar
