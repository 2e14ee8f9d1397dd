// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever hands out a kernel or a unified kernel image whose measurement somebody wants to know.
// Size cap: 64 KiB; headers are offsets into the file, so small images have it all.
#include "measure/pe/pe_file.hpp"

#include "measure/pe/authenticode.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/synthetic_pe.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    auto small = test::plain_pe();
    small.plus = false;
    auto with_certificate = test::plain_pe();
    with_certificate.certificate = test::pattern(64, 9);
    return {test::pe_image(test::plain_pe()), test::pe_image(small), test::pe_image(with_certificate),
            test::pe_image({.headers_size = 512, .directories = 0})};
}

void attempt(ByteSpan input) {
    const auto file = pe::parse_pe(input, "input");
    require(file.has_value() <= pe::is_pe(input), "what is read begins as an image does");
    if (!file) {
        require(!pe::authenticode_sha384(input, "input"), "no digest of what is no image");
        return;
    }
    std::size_t total = file->headers_size;
    for (const auto& section : file->sections) {
        require(section.raw.empty() || (section.raw.data() >= input.data() &&
                                        section.raw.data() + section.raw.size() <= input.data() + input.size()),
                "a section lies in the file");
        total += section.raw.size();
    }
    require(total <= input.size(), "no byte is read twice");
    require(file->checksum_offset + 4 <= file->headers_size, "the checksum lies in the headers");
    require(!file->certificate_entry || (*file->certificate_entry >= file->checksum_offset + 4 &&
                                         *file->certificate_entry + 8 <= file->headers_size),
            "so does the certificate table's entry");
    (void)pe::authenticode<Sha384>(input, *file, "input");
}

}  // namespace

const Target kTarget{.largest = 64 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
