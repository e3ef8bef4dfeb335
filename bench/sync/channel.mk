# make bench-sync-channel: channels against the peers whose packages are there.
EXTRA_PROGRAMS += %D%/channel %D%/channel-peers
%C%_channel_SOURCES = %D%/channel.c %D%/channel.h %D%/channel_filch.c
%C%_channel_LDFLAGS = $(AM_LDFLAGS) -static
%C%_channel_LDADD = src/libfilch.la
%C%_channel_peers_SOURCES = %D%/channel.c %D%/channel.h %D%/channel_peers.cpp
%C%_channel_peers_CXXFLAGS = $(AM_CXXFLAGS) -std=c++17
%C%_channel_peers_LDADD = -ltbb

%D%/channel-rust$(EXEEXT): %D%/rust.sh %D%/rust/Cargo.toml %D%/rust/main.rs
	$(AM_V_GEN)$(SHELL) $(srcdir)/%D%/rust.sh $(srcdir)/%D%/rust %D%/rust.build $@

# LAUNCHES=15 MILLISECONDS=100: how much is measured.
.PHONY: bench-sync-channel bench-clean-channel
bench-sync-channel: %D%/channel
	@for peer in channel-peers channel-rust; do \
		$(MAKE) $(AM_MAKEFLAGS) %D%/$$peer$(EXEEXT) > %D%/$$peer.log 2>&1 || \
			echo "skipping $$peer: `tail -n 1 %D%/$$peer.log`"; \
	done
	$(SHELL) $(srcdir)/%D%/channel.sh %D%

clean-local: bench-clean-channel
bench-clean-channel:
	rm -rf %D%/rust.build %D%/channel-rust$(EXEEXT)
CLEANFILES += %D%/channel %D%/channel-peers %D%/channel-peers.log %D%/channel-rust.log
EXTRA_DIST += %D%/channel.sh %D%/rust.sh %D%/rust/Cargo.toml %D%/rust/main.rs
