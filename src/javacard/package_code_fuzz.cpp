// SPDX-License-Identifier: Apache-2.0
// Code that somebody made up: what the verifier lets through runs, with a small budget, and nothing happens
// but what a guest can do. The input is a frame (words on the stack, arguments, local variables), then code.
#include "javacard/test_program.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace oti;
    using namespace oti::javacard;
    if (size < 4 || size > 2000) return 0;
    auto block = TestProgram::block_of(BytesView(data, size));
    auto parsed = cap::Package::parse_load_file_data_block(block);
    if (!parsed) return 0;
    AmpleMemory memory;
    memory.limit = 20'000;
    PackageTable packages;
    for (const auto* native : api_packages()) packages.add(link_native(*native, packages).value());
    auto linked = link(std::move(*parsed), kFirstLoadedPackage, packages);
    if (!linked || !verify(**linked)) return 0;
    Heap heap(packages, memory);
    Machine machine(heap, packages, nullptr, {.stack_words = 512, .call_depth = 16, .budget = 20'000});
    const auto* package = linked->get();
    package->statics = heap.make_statics(package->id, package->statics_size).value();
    packages.add(std::move(*linked));
    const auto& main = *package->constants[TestProgram::kMain].method;
    auto array = heap.make_array(ObjectKind::kBytes, 16, {package->id, 1}).value();
    std::vector<Value> arguments(main.argument_words, Value::of_ref(array));
    (void)machine.invoke(main, arguments, {package->id, 1});
    if (heap.in_transaction()) (void)heap.abort_transaction();
    heap.reuse_vanished();
    MapStore store;
    heap.flush(store);
    (void)heap.collect({});
    heap.flush(store);
    Heap again(packages, memory);
    if (!again.load(store) || again.persistent_used() != heap.persistent_used()) __builtin_trap();
    return 0;
}
