// Brings the bytes that an unfinished file lacks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "pull/access.h"
#include "pull/event.h"
#include "pull/file_download.h"
#include "pull/part_file.h"
#include "pull/retries.h"
#include "pull/sha256.h"
#include "pull/speed.h"

namespace shimmy::pull {

// For one run(). One thread.
class Fetcher {
 public:
  Fetcher(const FileTask& task, const Access& access, PartFile& part)
      : task_(task), access_(access), part_(part), speed_(task.clock), pace_(task.clock) {}

  // Goes on with what is there if it is of the same file, else begins anew; tries again after cuts.
  // Blocks until `part` has all bytes. Fails as download() does; what has come by then stays in
  // `part` unless it is of no use.
  base::Result<void> run();

  // Of all bytes. Call it once, after run().
  std::string sha256() { return hash_.finish(); }

  // True where bytes of an earlier pull are part of the file.
  bool has_resumed() const { return has_resumed_; }

 private:
  base::Result<void> take_up();
  base::Result<void> begin_anew(std::string_view validator);
  base::Result<void> hash_what_is_there();
  std::optional<Trouble> attempt();
  transfer::Request request() const;
  base::Result<void> take_head(const transfer::ResponseHead& head);
  base::Result<void> take_rest(const transfer::ResponseHead& head);
  base::Result<void> take_whole(const transfer::ResponseHead& head);
  base::Result<void> take_body(std::string_view bytes);
  bool is_complete() const { return expected_ > 0 ? part_.bytes() == expected_ : has_ended_; }
  void report(bool is_last);

  const FileTask& task_;
  const Access& access_;
  PartFile& part_;
  Speed speed_;
  Sha256 hash_;
  std::uint64_t expected_ = 0;  // bytes of the whole file; 0: unknown
  std::uint64_t furthest_ = 0;  // bytes that were ever there
  std::uint64_t synced_ = 0;
  int restarts_ = 0;
  bool has_resumed_ = false;
  bool has_changed_ = false;  // the file on the server is not the one that was begun
  bool has_ended_ = false;    // an answer of unknown length was complete
  std::optional<std::chrono::seconds> wish_;
  Pace pace_;
};

}  // namespace shimmy::pull
