#include "http/tls_door.h"

#include <openssl/bio.h>

#include <algorithm>
#include <cstddef>
#include <memory>

namespace shimmy::http {
namespace {

int door_read(BIO* bio, char* buffer, int size) {
  BIO_clear_retry_flags(bio);
  auto* peer = static_cast<TlsPeer*>(BIO_get_data(bio));
  const std::size_t taken =
      peer->take_arrived({buffer, static_cast<std::size_t>(std::max(size, 0))});
  if (taken != 0) return static_cast<int>(taken);
  BIO_set_retry_read(bio);
  return -1;
}

int door_write(BIO* bio, const char* bytes, int size) {
  static_cast<TlsPeer*>(BIO_get_data(bio))
      ->send({bytes, static_cast<std::size_t>(std::max(size, 0))});
  return size;
}

long door_control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

int open_door(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

struct MethodFreer {
  void operator()(BIO_METHOD* method) const { BIO_meth_free(method); }
};

const BIO_METHOD* door_method() {
  static const std::unique_ptr<BIO_METHOD, MethodFreer> method = [] {
    std::unique_ptr<BIO_METHOD, MethodFreer> made(
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "shimmy transport"));
    if (made) {
      BIO_meth_set_create(made.get(), open_door);
      BIO_meth_set_read(made.get(), door_read);
      BIO_meth_set_write(made.get(), door_write);
      BIO_meth_set_ctrl(made.get(), door_control);
    }
    return made;
  }();
  return method.get();
}

}  // namespace

BIO* new_door(TlsPeer& peer) {
  const BIO_METHOD* method = door_method();
  BIO* door = method == nullptr ? nullptr : BIO_new(method);
  if (door != nullptr) BIO_set_data(door, &peer);
  return door;
}

}  // namespace shimmy::http
