# Perl: regular expressions, hashes, sort, closures, sprintf, pack, local files, fork, pipes, signals, sockets.
use strict; use warnings; use POSIX (); use Socket; use List::Util qw(sum reduce); use Time::HiRes ();
my $text = 'the quick brown fox jumps over the lazy dog; the end';
my %count; $count{$_}++ for $text =~ /\w+/g;
print join(' ', map { "$_=$count{$_}" } sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count), "\n";
(my $swapped = $text) =~ s/(\w+) (\w+)/$2 $1/g; print "$swapped\n";
my $factorial = do { my $f; $f = sub { my $n = shift; $n < 2 ? 1 : $n * $f->($n - 1) } }; print $factorial->(20), "\n";
printf "%s %.6f %05d %x %e\n", unpack('H*', pack('NvC', 0x01020304, 0x0506, 7)), atan2(1, 1) * 4, 42, 255, 12345.678;
open my $out, '>', 'lines' or die $!; print $out "$_\n" for reverse 1 .. 1000; close $out;
open my $in, '-|', 'sort', '-n', 'lines' or die $!; my @lines = <$in>; close $in; print sum(@lines), ' ', $lines[0];
my @pipes;
for my $n (1 .. 4) {
  pipe my $r, my $w or die; my $pid = fork // die;
  if ($pid == 0) { print $w $n ** 10; close $w; POSIX::_exit($n) }
  close $w; push @pipes, [$pid, $r];
}
for (@pipes) { my ($pid, $r) = @$_; my $got = <$r>; waitpid $pid, 0; print "$got:", $? >> 8, ' ' } print "\n";
my $caught = 0; local $SIG{USR1} = sub { $caught++ }; kill USR1 => $$ for 1 .. 3; print "caught $caught\n";
eval { local $SIG{ALRM} = sub { die "late\n" }; Time::HiRes::alarm(0.05); select undef, undef, undef, 30; }; print $@;
socketpair my $near, my $far, AF_UNIX, SOCK_STREAM, PF_UNSPEC or die $!; syswrite $near, 'over a socket'; sysread $far, my $buf, 100; print "$buf\n";
print join(',', (reduce { $a * $b } 1 .. 10), scalar reverse('lrep'), join '', map { chr(ord('a') + $_) } grep { $_ % 2 } 0 .. 25), "\n";
exit 6;
