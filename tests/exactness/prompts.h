// Twenty openings of different kinds and lengths.
#pragma once

#include <array>

namespace shimmy::scheduler {

constexpr std::array<const char*, 20> kPrompts{
    "The lighthouse keeper had not spoken to anyone for eleven days when",
    "A list of things to pack for a week in the mountains:\n1.",
    "def fibonacci(n):\n    \"\"\"Returns the n-th Fibonacci number.\"\"\"\n",
    "Question: Why is the sky blue?\nAnswer:",
    "Dear Mr. Hollis,\n\nThank you for your letter of the third of March. I regret to say that",
    "In physics, the second law of thermodynamics states that",
    "Ingredients: two eggs, a cup of flour, half a cup of milk, a pinch of salt.\n\nFirst,",
    "The history of the city begins with a small harbour at the mouth of the river. Fishermen "
    "built the first houses "
    "there, and later merchants came from the north with amber and furs. In the twelfth century",
    "1, 1, 2, 3, 5, 8, 13,",
    "{\"name\": \"Anna\", \"age\": 34, \"city\": \"Lisbon\"}\n{\"name\": \"Peter\",",
    "My grandmother always said that",
    "SELECT customers.name, SUM(orders.total) FROM customers JOIN orders ON",
    "Abstract. We study how the temperature of a lake changes with depth and season, and",
    "She opened the door, and the cold came in before the stranger did. \"You must be",
    "Once upon a time there was a fox who could not sleep. Every night he counted the stars, and "
    "every night he lost "
    "count at seven hundred and twelve, because",
    "The three most important rules for writing clear instructions are",
    "Il etait une fois",
    "Translate into English: \"Guten Morgen, wie geht es Ihnen?\" -",
    "int main(void) {\n    printf(\"",
    "Breaking news:",
};

}  // namespace shimmy::scheduler
