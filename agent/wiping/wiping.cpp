// SPDX-License-Identifier: Apache-2.0
#include "agent/wiping/wiping.hpp"

#include <curl/curl.h>
#include <malloc.h>
#include <openssl/crypto.h>
#include <strings.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>

namespace {

/// All of a block: who asked for it may have written to what it was rounded up to.
void wipe_and_free(void* block) {
    if (block == nullptr) return;
    ::explicit_bzero(block, ::malloc_usable_size(block));
    std::free(block);
}

void* allocate(std::size_t size) { return std::malloc(size); }

/// Never by realloc(), which would move the bytes and leave them where they were.
void* reallocate(void* block, std::size_t size) {
    if (block == nullptr) return allocate(size);
    const std::size_t room = ::malloc_usable_size(block);
    if (size != 0 && size <= room) {
        ::explicit_bzero(static_cast<char*>(block) + size, room - size);
        return block;
    }
    void* moved = size == 0 ? nullptr : allocate(size);
    if (size != 0 && moved == nullptr) return nullptr;  // the block stays as it is
    if (moved != nullptr) std::memcpy(moved, block, std::min(room, size));
    wipe_and_free(block);
    return moved;
}

void* zeroed(std::size_t count, std::size_t size) { return std::calloc(count, size); }

char* copy_of(const char* text) {
    const std::size_t size = std::strlen(text) + 1;
    void* copy = allocate(size);
    return copy == nullptr ? nullptr : static_cast<char*>(std::memcpy(copy, text, size));
}

// OpenSSL also says which line asks.
void* openssl_allocate(std::size_t size, const char*, int) { return size == 0 ? nullptr : allocate(size); }
void* openssl_reallocate(void* block, std::size_t size, const char*, int) { return reallocate(block, size); }
void openssl_free(void* block, const char*, int) { wipe_and_free(block); }

}  // namespace

namespace hallmark::guest {

Status wipe_what_openssl_frees() {
    if (CRYPTO_set_mem_functions(openssl_allocate, openssl_reallocate, openssl_free) != 1)
        return refused("OpenSSL has taken memory already: what it frees can't be wiped");
    return {};
}

Status wipe_what_libcurl_frees() {
    if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, allocate, wipe_and_free, reallocate, copy_of, zeroed) != CURLE_OK)
        return refused("libcurl can't be started with memory that is wiped");
    return {};
}

}  // namespace hallmark::guest

// The forms for arrays end in these.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return std::malloc(std::max<std::size_t>(size, 1));
}
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
    const auto step = static_cast<std::size_t>(alignment);
    return std::aligned_alloc(step, (std::max<std::size_t>(size, 1) + step - 1) / step * step);
}
void* operator new(std::size_t size) {
    void* block = operator new(size, std::nothrow);
    if (block == nullptr) throw std::bad_alloc();
    return block;
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    void* block = operator new(size, alignment, std::nothrow);
    if (block == nullptr) throw std::bad_alloc();
    return block;
}
void operator delete(void* block) noexcept { wipe_and_free(block); }
void operator delete(void* block, std::size_t) noexcept { wipe_and_free(block); }
void operator delete(void* block, std::align_val_t) noexcept { wipe_and_free(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { wipe_and_free(block); }
