# The suite in two commands: `make bench` and `make test`. `make help` lists all.

PLAN     ?= article
SANITIZE ?=
# These may be set on the command line only: in an environment BUILD and PREFIX may mean anything.
BUILD     = build$(if $(SANITIZE),/$(subst $(comma),-,$(SANITIZE)))
PREFIX    = /usr/local

VERSION := 0.1.0
comma   := ,
say      = @printf '  %-6s %s\n'

# CFLAGS and LDFLAGS are the user's, who may set them anywhere; what the suite needs is added to them.
CC      ?= cc
CFLAGS  ?= -O2 -g
WARNINGS = -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
           -Wpointer-arith -Wvla
LIBRARY_FLAGS := $(shell pkg-config --cflags \
                     libcurl libcrypto libuv jansson gsl md4c-html sqlite3 smartcols zlib \
                     fuse3 liburing libpq 2>/dev/null)
override CFLAGS  := -std=c11 -D_GNU_SOURCE -I. -I$(BUILD) -pthread -fno-omit-frame-pointer $(WARNINGS) \
                    -DSUITE_VERSION='"$(VERSION)"' $(LIBRARY_FLAGS) $(CFLAGS) \
                    $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all)
override LDFLAGS := -pthread -Wl,--as-needed $(LDFLAGS) $(if $(SANITIZE),-fsanitize=$(SANITIZE))

# What each program is made of. A folder's main file is linked into its program only; the rest of
# the folder is a library, so that the tests can link it too.
MODELS   := sync threads procs async co
LANES    := $(MODELS:%=$(BUILD)/lane-%)
PROGRAMS := $(LANES) $(BUILD)/mockserver $(BUILD)/bench $(BUILD)/report $(BUILD)/patterns \
            $(BUILD)/sleepers $(BUILD)/choose $(BUILD)/teach
# Several machines: only where Open MPI is installed.
MPICC := $(shell command -v mpicc)
DIST  := $(if $(MPICC),$(if $(SANITIZE),,$(BUILD)/dist-lanes))
TESTS    := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/test_*.c))
# No sanitizer looks into another language, or into a browser, or shares malloc() with others; and
# what takes minutes with one, test_bench and test_report run as well.
NOT_SANITIZED := %_go %_rust %_java %_node %_python %_asyncio %_page %_inject %_claim_verdicts %_cheats
TESTS    := $(if $(SANITIZE),$(filter-out $(NOT_SANITIZED),$(TESTS)),$(TESTS))
# The tests of the coroutines are made twice, the second time with the switch of ucontext.
CO_TESTS := $(patsubst tests/%.c,%,$(wildcard tests/test_co_*.c))
TESTS    += $(CO_TESTS:%=$(BUILD)/tests/%-ucontext)
# ThreadSanitizer is for what has threads.
TESTS    := $(if $(filter thread,$(SANITIZE)),$(filter %/test_workload %/test_lanes %/test_computing \
                %/test_async_compute $(CO_TESTS:%=$(BUILD)/tests/%),$(TESTS)),$(TESTS))
# What the tests share: the files in tests/ that are no tests.
TEST_PARTS := $(patsubst %.c,$(BUILD)/obj/%.o,$(filter-out tests/test_%,$(wildcard tests/*.c)))

objects   = $(patsubst %.c,$(BUILD)/obj/%.o,$(filter-out %/main.c,$(wildcard $(addsuffix /*.c,$(1)))))
LIBRARIES := $(foreach folder,common workload compute mockserver harness report choose teach,$(BUILD)/lib$(folder).a)

# The rooms of a folder, for those that have some.
rooms_common  := common/process
rooms_harness := $(addprefix harness/,plan run memory machine)
rooms_report  := report/dataset

# wslay comes without a .pc file.
wslay   = -lwslay
curl    = $(shell pkg-config --libs libcurl)
crypto  = $(shell pkg-config --libs libcrypto)
uv      = $(shell pkg-config --libs libuv)
jansson = $(shell pkg-config --libs jansson)
gsl     = $(shell pkg-config --libs gsl)
md4c    = $(shell pkg-config --libs md4c-html)
sqlite  = $(shell pkg-config --libs sqlite3)
zlib    = $(shell pkg-config --libs zlib)
scols   = $(shell pkg-config --libs smartcols)
fuse    = $(shell pkg-config --libs fuse3)
uring   = $(shell pkg-config --libs liburing)
pq      = $(shell pkg-config --libs libpq)
report_needs = $(crypto) $(jansson) $(gsl) $(md4c) $(sqlite) $(zlib) $(scols) -lm
cmocka  = $(shell pkg-config --libs cmocka)

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /  make \1\t/' | expand -t 24
	@echo
	@echo "  PLAN=article|quick|ci|sweep|memory|cpu|twins|tasks|rate|clients|uses|scale|calibrate|FILE  what make bench runs (default: article)"
	@echo "  SANITIZE=address,undefined|thread   build and test under that sanitizer"

# What the plans measure beside C, if anything.
DEPS_article := deps-python
DEPS_quick   := deps-python
DEPS_twins   := deps-twins
DEPS_calibrate := deps-python
DEPS_tasks   := deps-twins
DEPS_uses    := deps-uses

.PHONY: bench
bench: deps $(DEPS_$(PLAN)) ## install what is missing, build, run PLAN with progress, end with its report
	@$(MAKE) --no-print-directory build
	$(BUILD)/bench run "$(PLAN)"

.PHONY: teach
teach: deps ## install what is missing, build what the lessons take, list the lessons
	@$(MAKE) --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc)) $(LANES) \
	    $(BUILD)/mockserver $(BUILD)/patterns $(BUILD)/bench $(BUILD)/teach
	@$(BUILD)/teach

.PHONY: test
test: deps-test ## install what is missing, build, run the unit and end-to-end tests
	@$(MAKE) --no-print-directory check

.PHONY: report
report: build ## make the report of RUN (default: the newest run) again, without measuring
	$(BUILD)/report "$(or $(RUN),$(shell ls -d results/2*/ | tail -n 1))"

# It asks where it is given nothing: make choose ARGS='-n 10k --latency 200ms'
.PHONY: choose
choose: $(BUILD)/choose ## say which model to take, predicted from measurements of this machine
	@$(BUILD)/choose $(ARGS)

.PHONY: calibrate
calibrate: ## measure what choose has to know of this machine (three minutes)
	@$(MAKE) --no-print-directory bench PLAN=calibrate
	@$(MAKE) --no-print-directory $(BUILD)/choose
	$(BUILD)/choose --fit "$$(ls -d results/2*-calibrate | tail -n 1)"

.PHONY: explorer
explorer: $(BUILD)/choose ## make build/explorer.html, a page to play with, with the points of RUN
	$(BUILD)/choose --explorer --output $(BUILD)/explorer.html "$(or $(RUN),results/reference)"

.PHONY: check-choose
check-choose: calibrate ## hold the predictions against cells that were not fitted (nineteen minutes)
	$(BUILD)/bench run validate --rounds 5
	$(BUILD)/bench run calibrate # once more: a machine's pace drifts
	$(BUILD)/choose --fit $$(ls -dr results/2*-calibrate | head -n 2)
	$(BUILD)/choose --check "$$(ls -d results/2*-validate | tail -n 1)" | tee choose/residuals.txt

.PHONY: build
build: $(PROGRAMS) twins $(DIST) ## build the lanes, the mock server, bench and report into build/

.PHONY: tests
tests: build $(TESTS) ## build the tests too, without running them

.PHONY: check
check: tests
	@tests/run $(TESTS)

LANE_LIBRARIES := $(BUILD)/libworkload.a $(BUILD)/libcompute.a $(BUILD)/libcommon.a

$(LANES): $(BUILD)/lane-%: $(LANE_LIBRARIES)
.SECONDEXPANSION:
$(filter-out %-co,$(LANES)): $(BUILD)/lane-%: $$(call objects,%)
$(BUILD)/lane-co: $(BUILD)/obj/co/lane.o $(BUILD)/libco.a
$(LANES):
	$(say) LINK $@
	@$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group \
	    $(curl) $(wslay) $(crypto) $(jansson) $(uv) -lhttp_parser -lm $(uring) $(pq)

$(BUILD)/mockserver: $(BUILD)/obj/mockserver/main.o $(BUILD)/libmockserver.a $(BUILD)/libcommon.a
	$(say) LINK $@
	@$(CC) $(LDFLAGS) -o $@ $^ -lhttp_parser $(wslay) $(crypto) $(jansson) $(fuse) -lm

$(BUILD)/dist-lanes: dist/lanes.c $(BUILD)/libcommon.a
	$(say) LINK $@
	@$(MPICC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(jansson) -lm

$(BUILD)/bench: $(BUILD)/obj/harness/main.o $(BUILD)/libharness.a $(BUILD)/libreport.a $(BUILD)/libcommon.a
	$(say) LINK $@
	@$(CC) $(LDFLAGS) -o $@ $^ $(curl) $(pq) $(report_needs)

$(BUILD)/report: $(BUILD)/obj/report/main.o $(BUILD)/libchoose.a $(BUILD)/libreport.a $(BUILD)/libcommon.a
	$(say) LINK $@
	@$(CC) $(LDFLAGS) -o $@ $^ $(report_needs)

$(BUILD)/choose: $(BUILD)/obj/choose/main.o $(BUILD)/libchoose.a $(BUILD)/libharness.a $(BUILD)/libreport.a \
                 $(BUILD)/libcommon.a
	$(say) LINK $@
	@$(CC) $(LDFLAGS) -o $@ $^ $(curl) $(pq) $(report_needs)

$(BUILD)/teach: $(BUILD)/obj/teach/main.o $(BUILD)/libteach.a $(BUILD)/libharness.a $(BUILD)/libreport.a \
                $(BUILD)/libcommon.a
	$(say) LINK $@
	@$(CC) $(LDFLAGS) -o $@ $^ $(curl) $(pq) $(report_needs)

# The twins that are compiled, each only where its language is installed. Nothing is ever downloaded.
# One cache for all builds, as the sanitizers do not concern them.
TWINS     := $(addprefix $(BUILD)/twins/,go-goroutines rust-tokio java-virtual)
GO        := $(shell command -v go)
# Rust: Debian's compiler and crates. The interface of hyper 1 is another than that of 0.14.
CRATES    := /usr/share/cargo/registry
crate      = $(lastword $(patsubst $(CRATES)/$(1)-%,%,$(wildcard $(CRATES)/$(1)-[0-9]*)))
HYPER     := $(firstword $(subst ., ,$(call crate,hyper)))
RUST      := $(and $(wildcard /usr/bin/cargo),$(HYPER),$(call crate,tokio),$(call \
                 crate,serde_json),$(or $(filter 0,$(HYPER)),$(call crate,hyper-util)))
# Java: virtual threads came with 21; JSON is Jackson's affair.
JACKSON   := /usr/share/java/jackson-core.jar
JAVA_BIN  := $(patsubst %/javac,%,$(shell command -v $(JAVA_HOME:%=%/bin/)javac))
JAVA      := $(shell $(JAVA_BIN)/javac -version 2>/dev/null | sed -n 's/^javac //p')
JAVA_21   := $(and $(wildcard $(JACKSON)),$(filter-out 1% 7 8 9 20,$(firstword $(subst ., ,$(JAVA)))))

.PHONY: twins
twins: $(if $(GO),$(BUILD)/twins/go-goroutines) $(if $(RUST),$(BUILD)/twins/rust-tokio) \
       $(if $(JAVA_21),$(BUILD)/twins/java-virtual)
	$(if $(GO),,@echo "  no twin in Go: no Go here (Debian: apt-get install golang-go)")
	$(if $(RUST),,@echo "  no twin in Rust: it takes Debian's cargo, librust-hyper-dev, with hyper 1 \
	    librust-hyper-util-dev, and librust-serde-json-dev")
	$(if $(JAVA_21),,@echo "  no twin in Java: it takes Java 21 (here: $(or $(JAVA),none); JAVA_HOME may name \
	    another) and libjackson2-core-java")

$(BUILD)/twins/go-goroutines: $(wildcard twins/go/*.go) twins/go/go.mod twins/go/help.txt
	@mkdir -p $(@D)
	$(say) GO $@
	@output=$$(cd $(@D) && pwd) && cd twins/go && GOPROXY=off GOTOOLCHAIN=local GOFLAGS= CGO_ENABLED=0 \
	    GOCACHE="$(CURDIR)/build/go-cache" $(GO) build -buildvcs=false -trimpath \
	    -ldflags '-X main.version=$(VERSION)' -o "$$output/$(@F)" .

# Made of a copy, beside which cargo may leave its Cargo.lock.
$(BUILD)/twins/rust-tokio: $(wildcard twins/rust/*) twins/help.txt
	@rm -rf $(BUILD)/rust && mkdir -p $(@D) $(BUILD)/rust
	$(say) RUST $@
	@cp twins/rust/*.rs twins/help.txt $(BUILD)/rust
	@cp twins/rust/hyper$(HYPER).rs $(BUILD)/rust/http.rs
	@cp twins/rust/hyper$(HYPER).toml $(BUILD)/rust/Cargo.toml
	@cd $(BUILD)/rust && export RUSTC=/usr/bin/rustc SUITE_VERSION=$(VERSION) RUSTFLAGS= && \
	    rustc=$$($$RUSTC --version | cut -d ' ' -f 2) && \
	    LIBRARIES="rustc $$rustc, tokio $(call crate,tokio), hyper $(call crate,hyper)" \
	    /usr/bin/cargo build --quiet --offline --release --target-dir "$(CURDIR)/build/cargo" \
	        --config 'source.crates-io.replace-with="debian"' \
	        --config 'source.debian.directory="$(CRATES)"'
	@cp build/cargo/release/$(@F) $@

# A script and its jar in one file: what reads a jar begins at its end.
$(BUILD)/twins/java-virtual: $(wildcard twins/java/*.java) twins/java/MANIFEST.MF twins/help.txt
	@rm -rf $(BUILD)/java && mkdir -p $(@D) $(BUILD)/java
	$(say) JAVA $@
	@$(JAVA_BIN)/javac -d $(BUILD)/java -cp $(JACKSON) --add-exports java.base/sun.nio.ch=ALL-UNNAMED \
	    $(filter %.java,$^)
	@$(JAVA_BIN)/jar --create --file $(BUILD)/java.jar --manifest twins/java/MANIFEST.MF \
	    -C $(BUILD)/java . -C twins help.txt
	@{ printf '#!/bin/sh\nexec "%s/java" -Dsuite.version=%s -jar "$$0" "$$@"\n' "$(JAVA_BIN)" $(VERSION) && \
	    cat $(BUILD)/java.jar; } >$@ && chmod +x $@

$(BUILD)/tests/test_%: $(BUILD)/obj/tests/test_%.o $(TEST_PARTS) $(LIBRARIES)
	@mkdir -p $(@D)
	$(say) LINK $@
	@$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group -lhttp_parser \
	    $(cmocka) $(curl) $(wslay) $(crypto) $(uv) $(uring) $(fuse) $(pq) $(report_needs)

# The coroutines: with the switch of this machine, and with ucontext.
CO_OBJECTS := $(filter-out %/lane.o,$(call objects,co)) $(BUILD)/obj/workload/curl_loop.o \
              $(BUILD)/obj/workload/easy.o $(BUILD)/obj/workload/poller.o \
              $(BUILD)/obj/compute/process_pool.o
CO_SWITCH  := $(BUILD)/obj/co/switch

$(BUILD)/libco.a: $(CO_OBJECTS)
$(BUILD)/libco-ucontext.a: $(filter-out %/switch.o,$(CO_OBJECTS)) $(CO_SWITCH)-ucontext.o
$(BUILD)/libco.a $(BUILD)/libco-ucontext.a:
	$(say) AR $@
	@rm -f $@ && $(AR) rcs $@ $^

$(CO_SWITCH)-ucontext.o: co/switch.c
	@mkdir -p $(@D)
	$(say) CC $<
	@$(CC) $(CFLAGS) -DCO_SWITCH_UCONTEXT -MMD -MP -c -o $@ $<

link_co_test = $(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(cmocka) $(curl) $(uv) $(jansson) -lm

CO_TEST_PARTS := $(BUILD)/obj/tests/helpers.o $(BUILD)/obj/tests/co/fixture.o

$(BUILD)/tests/test_co_%: $(BUILD)/obj/tests/test_co_%.o $(CO_TEST_PARTS) \
                          $(BUILD)/libco.a $(BUILD)/libcommon.a
	@mkdir -p $(@D)
	$(say) LINK $@
	@$(link_co_test)

$(BUILD)/tests/test_co_%-ucontext: $(BUILD)/obj/tests/test_co_%.o $(CO_TEST_PARTS) \
                                   $(BUILD)/libco-ucontext.a $(BUILD)/libcommon.a
	@mkdir -p $(@D)
	$(say) LINK $@
	@$(link_co_test)

$(BUILD)/patterns: $(call objects,patterns) $(BUILD)/obj/patterns/main.o \
                   $(BUILD)/libco.a $(BUILD)/libcommon.a
	$(say) LINK $@
	@$(CC) $(LDFLAGS) -o $@ $^ $(curl) $(uv) $(sqlite) $(jansson) -lm

$(BUILD)/sleepers: $(call objects,sleepers) $(BUILD)/obj/sleepers/main.o \
                   $(BUILD)/libco.a $(BUILD)/libworkload.a $(BUILD)/libcommon.a
	$(say) LINK $@
	@$(CC) $(LDFLAGS) -o $@ $^ $(uv) $(jansson)

$(BUILD)/co-bench: $(BUILD)/obj/tools/bench-co/bench.o $(BUILD)/libco.a $(BUILD)/libcommon.a
$(BUILD)/co-bench-ucontext: $(BUILD)/obj/tools/bench-co/bench.o $(BUILD)/libco-ucontext.a $(BUILD)/libcommon.a
$(BUILD)/co-bench $(BUILD)/co-bench-ucontext:
	$(say) LINK $@
	@$(CC) $(LDFLAGS) -o $@ $^ $(uv) $(curl) $(jansson) -lm

.PHONY: bench-co
bench-co: $(BUILD)/co-bench $(BUILD)/co-bench-ucontext build ## measure the coroutines: time per switch, spawn and item, bytes per task
	$(BUILD)/co-bench
	$(BUILD)/co-bench-ucontext --switch
	tools/compare-gather $(BUILD)

CO_TESTS_ALSO := $(CO_TESTS) test_co_stacks-ucontext # what looks at them in other ways

AARCH64_PACKAGES := gcc-aarch64-linux-gnu qemu-user libcmocka-dev:arm64 libuv1-dev:arm64 \
                    libjansson-dev:arm64 libcurl4-openssl-dev:arm64

# The tests run emulated, against the mock server of this machine.
.PHONY: test-aarch64
test-aarch64: build ## test the coroutines on an emulated aarch64 (needs a cross compiler and qemu)
	@command -v aarch64-linux-gnu-gcc qemu-aarch64 >/dev/null || { \
	    echo "needs, after dpkg --add-architecture arm64 and apt-get update: $(AARCH64_PACKAGES)" >&2; exit 3; }
	@PKG_CONFIG_LIBDIR=/usr/lib/aarch64-linux-gnu/pkgconfig:/usr/share/pkgconfig \
	    $(MAKE) --no-print-directory CC=aarch64-linux-gnu-gcc BUILD=$(BUILD)/aarch64 \
	    $(CO_TESTS_ALSO:%=$(BUILD)/aarch64/tests/%)
	@for test in $(CO_TESTS_ALSO); do \
	    BUILD=$(BUILD) qemu-aarch64 $(BUILD)/aarch64/tests/$$test || exit 1; done

# Each run that the tests start is looked at as well: lanes, server, workers.
VALGRIND_TESTS := $(CO_TESTS_ALSO) test_mockserver test_mockserver_faults test_lanes

.PHONY: valgrind
valgrind: tests ## run the coroutines, the mock server and the lanes under valgrind (minutes)
	@tools/install-packages valgrind
	@for test in $(VALGRIND_TESTS); do \
	    BUILD=$(BUILD) CO_SCHEDULES=100 valgrind --quiet --trace-children=yes --leak-check=full \
	        --errors-for-leak-kinds=definite --error-exitcode=99 \
	        --suppressions=tests/valgrind.supp $(BUILD)/tests/$$test || exit 1; done

.PHONY: patterns
patterns: build ## run the article's patterns in C and Python; with a report where RUN names a run's folder
	tools/run-patterns $(BUILD) "$(RUN)"

$(BUILD)/tests/test_fuzz: $(BUILD)/obj/tests/fuzz/target.o

$(LIBRARIES): $(BUILD)/lib%.a: $$(call objects,% $$(rooms_%))
	$(say) AR $@
	@rm -f $@ && $(AR) rcs $@ $^

# What is built into the programs (report/embedded.h). A list of it is included where it is declared,
# defined and looked up; it changes only with the names of the files.
EMBEDDED := $(wildcard $(addprefix harness/,*.json machine/*.json *.sql */*.sql */*.sh) \
                $(addprefix report/,*.json *.sql */*.sql *.in notes/*.md plots/*.gp plots/*.json)) \
            $(wildcard $(addprefix choose/,*.in *.sql *.js *.html *.json)) \
            $(wildcard teach/*.json teach/*.sql teach/*.in) report/style.css report/page.js \
            schemas/plan.json schemas/lane-result.json

.PHONY: FORCE
$(BUILD)/embedded.list: FORCE
	@mkdir -p $(@D)
	@printf 'EMBEDDED(%s, "%s", "%s")\n' $(foreach file,$(EMBEDDED),$(subst -,_,$(subst .,_,$(notdir $(file:.in=)))) \
	    $(file) $(patsubst %.md,%,$(patsubst %.txt,%,$(notdir $(file:.in=))))) >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

$(BUILD)/obj/report/embedded.o: $(EMBEDDED)
$(BUILD)/obj/patterns/list.o: patterns/patterns.json

$(BUILD)/obj/%.o: %.c | $(BUILD)/embedded.list
	@mkdir -p $(@D)
	$(say) CC $<
	@$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
.SECONDARY:

# What is missing is found by the compiler, pkg-config and the search path; tools/packages names it.
.PHONY: deps deps-test deps-python deps-twins deps-uses deps-speed
deps: ## install the packages that are missing (Debian and relatives; elsewhere: say which)
	@tools/install-packages build

deps-test:
	@tools/install-packages build test

# What plans measure beside C. Where one of them cannot be had, bench leaves out what needs it, and
# says so.
deps-python: deps ## install python3 and the article's HTTP clients, as far as they can be had
	@tools/install-packages --each python

deps-twins: deps ## install what the twins in other languages take, as far as it can be had
	@tools/install-packages --each python twins

deps-uses: deps ## install PostgreSQL, and what the twins of the use cases take, as far as it can be had
	@tools/install-packages --each python uses

deps-speed: deps ## install what bench-speed measures beside, as far as it can be had
	@tools/install-packages --each speed

$(BUILD)/mockserver-probe: $(BUILD)/obj/tools/bench-server/probe.o $(BUILD)/libcommon.a
	$(say) LINK $@
	@$(CC) $(LDFLAGS) -o $@ $^ -lm

$(BUILD)/mockserver-queue: $(BUILD)/obj/tools/bench-server/queue.o $(BUILD)/libmockserver.a \
                           $(BUILD)/libcommon.a
	$(say) LINK $@
	@$(CC) $(LDFLAGS) -o $@ $^ -lm

.PHONY: bench-server
bench-server: $(BUILD)/mockserver $(BUILD)/mockserver-probe $(BUILD)/mockserver-queue ## hold the mock server against nginx (five minutes; needs nginx, wrk, h2load)
	tools/bench-server/run $^ $(BUILD)/bench-server.md

SPEED := $(addprefix $(BUILD)/speed-,epoll threads ratios)

$(SPEED): $(BUILD)/speed-%: $(BUILD)/obj/tools/bench-speed/%.o $(BUILD)/libcommon.a
	$(say) LINK $@
	@$(CC) $(LDFLAGS) -o $@ $^ $(gsl) -lm

# What is missing is named, and left out. REPORT=docs/speed.md keeps the table.
.PHONY: bench-speed
bench-speed: build $(SPEED) ## hold lanes and mock server against bare epoll, raw threads, wrk and nginx (eight minutes)
	tools/bench-speed/run $(BUILD) $(or $(REPORT),$(BUILD)/bench-speed.md)

.PHONY: check-method
check-method: build ## hold the method against what is known: cheats, A/A, 5 % slower, 50 kills (three minutes)
	tools/check-method $(BUILD)

FUZZ_SECONDS ?= 60

.PHONY: fuzz
fuzz: ## search for inputs that break the mock server, for FUZZ_SECONDS (60); needs clang
	@tools/install-packages fuzz
	@mkdir -p $(BUILD)/fuzz-corpus
	@clang $(CFLAGS) -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -o $(BUILD)/fuzz \
	    $(filter-out %/main.c,$(wildcard mockserver/*.c)) tests/fuzz/target.c common/child.c common/clock.c \
	    common/command_line.c common/draw.c common/error.c common/file.c common/histogram.c common/json.c \
	    common/latency.c common/text_stream.c common/units.c \
	    -lhttp_parser $(wslay) $(crypto) $(jansson) $(fuse) -lm
	$(BUILD)/fuzz -max_total_time=$(FUZZ_SECONDS) -max_len=20000 -timeout=10 \
	    -artifact_prefix=$(BUILD)/ $(BUILD)/fuzz-corpus tests/fuzz/corpus

# ARGS='--only stats' breaks some only; what was found is kept, so that it goes on where it ended.
# With ARGS='--table docs/robustness.md' the table there is written anew; so it is of `make inject`.
.PHONY: mutants
mutants: deps-test ## break the sources in small ways, one at a time, and name what no test notices (hours)
	tests/mutants/run $(ARGS)

$(BUILD)/inject.so: tests/inject/inject.c
	@mkdir -p $(@D)
	$(say) LINK $@
	@$(CC) -std=c11 -D_GNU_SOURCE $(WARNINGS) -O2 -g -fno-builtin -fPIC -shared -o $@ $<

$(BUILD)/tests/test_inject: | $(BUILD)/inject.so

.PHONY: inject
inject: build $(BUILD)/inject.so ## let one call of the programs fail after the other: memory, files, processes (minutes)
	tests/inject/run $(BUILD) --table $(BUILD)/inject.md $(ARGS)

# ARGS='--only fuzz' runs a part; '--table docs/robustness.md' writes the table there.
.PHONY: attack
attack: tests ## attack lanes, server, harness and readers with all that is hostile, and count what held (minutes)
	tests/attack/run $(BUILD) $(ARGS)

# Twenty minutes, or SOAK_SECONDS. ARGS='--table docs/robustness.md' writes what came of it there.
.PHONY: soak
soak: build ## run mock server and lanes at 5,000 in flight with all faults, for SOAK_SECONDS (1200)
	tests/soak/run $(BUILD) $(or $(SOAK_SECONDS),1200) $(ARGS)

.PHONY: lint
lint: ## check the format of the sources, run cppcheck, check the prose
	@tools/install-packages lint
	@git ls-files -z '*.c' '*.h' | xargs -0 clang-format --dry-run --Werror
	@git ls-files -z '*.c' | xargs -0 cppcheck --quiet --error-exitcode=1 --inline-suppr -I. --std=c11 \
	    --enable=warning,performance,portability --suppress=varFuncNullUB \
	    --suppress=ctuuninitvar:tests/helpers.c
	@! LC_ALL=C.UTF-8 git grep -nE '^.{101,}' -- '*.sql' '*.gp' '*.py' '*.js' '*.mjs'
	@tools/lint-prose
	@echo "format, cppcheck and prose are clean"

.PHONY: size
size: ## count the lines of code by folder, beside the budgets
	@tools/size

# What is installed keeps its places to one another, so that it finds itself: the programs in
# build/, the plans and the twins where the sources have them. In bin/ are links to the programs.
NAMES      := $(notdir $(PROGRAMS))
INSTALLED  := $(PREFIX)/lib/concurrency-bench
MANUALS    := $(NAMES:%=$(BUILD)/man/%.1)
DOCUMENTS  := README.md LICENSE CHANGELOG.md $(wildcard docs/*.md)
FILES       = $(wildcard dist/*.sh harness/plans/*.json twins/options.json twins/python/*.py twins/python/lane/*.py \
                twins/node/*.mjs twins/node/lane/*.mjs)

about_lane-sync    := one request after another
about_lane-threads := requests on a pool of threads
about_lane-procs   := requests on a pool of processes
about_lane-async   := requests on an event loop
about_lane-co      := requests in coroutines
about_mockserver   := an HTTP server of exact latency
about_bench        := measure concurrency models on one workload
about_choose       := which concurrency model for your calls
about_report       := make the report of a run again
about_patterns     := patterns and mistakes of concurrency, measured
about_sleepers     := tasks that sleep, and what they cost
about_teach        := lessons: predict first, then measure

# What patterns --show reads, and what --python runs.
FILES      += $(wildcard patterns/*.c patterns/python/*.py)
# What teach reads.
FILES      += $(wildcard teach/lessons/*.md teach/templates/*)

.PHONY: man
man: $(MANUALS) ## make a manual page of each program from its --help (needs help2man)

$(MANUALS): $(BUILD)/man/%.1: $(BUILD)/%
	@mkdir -p $(@D)
	$(say) MAN $@
	@help2man --no-info --section=1 --name="$(about_$*)" --version-string=$(VERSION) \
	    --source=concurrency-bench --output=$@ $<

.PHONY: install
install: build ## install programs, plans, twins and manual pages (PREFIX=/usr/local, DESTDIR)
	@tools/install-packages man
	@$(MAKE) --no-print-directory man
	@for program in $(NAMES); do \
	    install -D $(BUILD)/$$program "$(DESTDIR)$(INSTALLED)/build/$$program" && \
	    install -D -m 644 $(BUILD)/man/$$program.1 "$(DESTDIR)$(PREFIX)/share/man/man1/$$program.1" && \
	    mkdir -p "$(DESTDIR)$(PREFIX)/bin" && \
	    ln -sf ../lib/concurrency-bench/build/$$program "$(DESTDIR)$(PREFIX)/bin/$$program" || exit; done
	@for twin in $(notdir $(TWINS)); do \
	    ! [ -x $(BUILD)/twins/$$twin ] || install -D $(BUILD)/twins/$$twin \
	        "$(DESTDIR)$(INSTALLED)/build/twins/$$twin" || exit; done
	@! [ -x $(BUILD)/dist-lanes ] || \
	    install -D $(BUILD)/dist-lanes "$(DESTDIR)$(INSTALLED)/build/dist-lanes"
	@for file in $(FILES); do \
	    mode=644; ! [ -x $$file ] || mode=755; \
	    install -D -m $$mode $$file "$(DESTDIR)$(INSTALLED)/$$file" || exit; done
	@for file in $(DOCUMENTS); do \
	    install -D -m 644 $$file "$(DESTDIR)$(PREFIX)/share/doc/concurrency-bench/$$file" || exit; done
	@echo "Installed below $(DESTDIR)$(PREFIX); runs will be kept in results/ of the folder where bench runs."

.PHONY: uninstall
uninstall: ## remove what make install has installed
	rm -rf "$(DESTDIR)$(INSTALLED)" "$(DESTDIR)$(PREFIX)/share/doc/concurrency-bench"
	@for program in $(NAMES); do \
	    rm -f "$(DESTDIR)$(PREFIX)/bin/$$program" "$(DESTDIR)$(PREFIX)/share/man/man1/$$program.1"; done

.PHONY: check-install
check-install: ## build, install and run it where little is as usual: a space in the path, no dpkg
	tools/check-install

.PHONY: clean
clean: ## remove what was built (runs under results/ stay)
	rm -rf build
