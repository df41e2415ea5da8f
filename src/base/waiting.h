// A thread says that it waits for something that may take long, so that whoever owns the thread can
// have another one do the work meanwhile.
#pragma once

namespace shimmy::base {

class WaitListener {
 public:
  virtual ~WaitListener() = default;

  // On the thread that waits. Must not throw.
  virtual void began_waiting() = 0;
  virtual void ended_waiting() = 0;
};

// Who is told of this thread's waits from now on; null: nobody. Must outlive them.
void set_wait_listener(WaitListener* listener);

// A wait of this thread, for as long as it lives; one inside another counts as the same.
class Waiting {
 public:
  Waiting();
  ~Waiting();
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  WaitListener* listener_;  // null: nobody is told
};

}  // namespace shimmy::base
