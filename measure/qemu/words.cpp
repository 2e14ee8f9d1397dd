// SPDX-License-Identifier: Apache-2.0
#include "measure/qemu/words.hpp"

#include <optional>
#include <utility>

namespace hallmark::qemu {

Result<std::vector<std::string>> split_words(std::string_view text) {
    std::vector<std::string> words;
    std::optional<std::string> word;  // nothing between words; '' is one
    char quote = 0;
    const auto begun = [&]() -> std::string& { return word ? *word : word.emplace(); };
    for (const char c : text) {
        const bool blank = c == ' ' || c == '\t' || c == '\n';
        if (quote != 0) {
            if (c == quote)
                quote = 0;
            else
                begun() += c;
        } else if (c == '"' || c == '\'') {
            quote = c;
            begun();
        } else if (!blank) {
            begun() += c;
        } else if (word) {
            words.push_back(*std::move(word));
            word.reset();
        }
    }
    if (quote != 0) return bad_input(std::string("a ") + quote + " that isn't closed");
    if (word) words.push_back(*std::move(word));
    return words;
}

}  // namespace hallmark::qemu
