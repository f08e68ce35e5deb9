// Terminal and file ioctl(2) numbers: ioctl_tty(2), ioctl_console(2). asm-generic/ioctls.h, linux/fs.h.

// Terminals
export const TCGETS = 0x5401;
export const TCSETS = 0x5402;
export const TCSETSW = 0x5403;
export const TCSETSF = 0x5404;
export const TCGETA = 0x5405;
export const TCSETA = 0x5406;
export const TCSETAW = 0x5407;
export const TCSETAF = 0x5408;
export const TCGETS2 = 0x802c542a;
export const TCSETS2 = 0x402c542b;
export const TCSETSW2 = 0x402c542c;
export const TCSETSF2 = 0x402c542d;
export const TCSBRK = 0x5409;
export const TCSBRKP = 0x5425;
export const TCXONC = 0x540a;
export const TCFLSH = 0x540b;
export const TIOCEXCL = 0x540c;
export const TIOCNXCL = 0x540d;
export const TIOCGEXCL = 0x80045440;
export const TIOCSCTTY = 0x540e;
export const TIOCNOTTY = 0x5422;
export const TIOCGPGRP = 0x540f;
export const TIOCSPGRP = 0x5410;
export const TIOCGSID = 0x5429;
export const TIOCOUTQ = 0x5411;
export const TIOCINQ = 0x541b;
export const TIOCSTI = 0x5412;
export const TIOCGWINSZ = 0x5413;
export const TIOCSWINSZ = 0x5414;
export const TIOCMGET = 0x5415;
export const TIOCMBIS = 0x5416;
export const TIOCMBIC = 0x5417;
export const TIOCMSET = 0x5418;
export const TIOCGSOFTCAR = 0x5419;
export const TIOCSSOFTCAR = 0x541a;
export const TIOCLINUX = 0x541c;
export const TIOCCONS = 0x541d;
export const TIOCSETD = 0x5423;
export const TIOCGETD = 0x5424;
export const TIOCSBRK = 0x5427;
export const TIOCCBRK = 0x5428;
export const TIOCVHANGUP = 0x5437;
export const TIOCGSERIAL = 0x541e;
export const TIOCSSERIAL = 0x541f;
export const TIOCGICOUNT = 0x545d;
export const TIOCGLCKTRMIOS = 0x5456;
export const TIOCSLCKTRMIOS = 0x5457;
export const TIOCGDEV = 0x80045432;

// Pseudo-terminals
export const TIOCGPTN = 0x80045430;
export const TIOCSPTLCK = 0x40045431;
export const TIOCGPTLCK = 0x80045439;
export const TIOCGPTPEER = 0x5441;
export const TIOCPKT = 0x5420;
export const TIOCGPKT = 0x80045438;
export const TIOCSIG = 0x40045436;
export const TIOCPKT_DATA = 0x0;
export const TIOCPKT_FLUSHREAD = 0x1;
export const TIOCPKT_FLUSHWRITE = 0x2;
export const TIOCPKT_STOP = 0x4;
export const TIOCPKT_START = 0x8;
export const TIOCPKT_NOSTOP = 0x10;
export const TIOCPKT_DOSTOP = 0x20;
export const TIOCPKT_IOCTL = 0x40;

// Modem lines
export const TIOCM_LE = 0x1;
export const TIOCM_DTR = 0x2;
export const TIOCM_RTS = 0x4;
export const TIOCM_CTS = 0x20;
export const TIOCM_CAR = 0x40;
export const TIOCM_RNG = 0x80;
export const TIOCM_DSR = 0x100;

// Any file
export const FIONREAD = 0x541b;
export const FIONBIO = 0x5421;
export const FIOASYNC = 0x5452;
export const FIOCLEX = 0x5451;
export const FIONCLEX = 0x5450;
export const FIOQSIZE = 0x5460;
export const FIOSETOWN = 0x8901;
export const FIOGETOWN = 0x8903;
export const FIBMAP = 0x1;
export const FIGETBSZ = 0x2;
export const FIFREEZE = 0xc0045877;
export const FITHAW = 0xc0045878;
export const FITRIM = 0xc0185879;
export const FICLONE = 0x40049409;
export const FICLONERANGE = 0x4020940d;
export const FIDEDUPERANGE = 0xc0189436;
export const FS_IOC_GETFLAGS = 0x80086601;
export const FS_IOC_SETFLAGS = 0x40086602;
export const FS_IOC_GETVERSION = 0x80087601;
export const FS_IOC_FSGETXATTR = 0x801c581f;
export const FS_IOC_FSSETXATTR = 0x401c5820;
export const FS_IOC_GETFSLABEL = 0x81009431;

// chattr(1) flags
export const FS_SECRM_FL = 0x1;
export const FS_SYNC_FL = 0x8;
export const FS_IMMUTABLE_FL = 0x10;
export const FS_APPEND_FL = 0x20;
export const FS_NODUMP_FL = 0x40;
export const FS_NOATIME_FL = 0x80;
export const FS_DIRSYNC_FL = 0x10000;
export const FS_VERITY_FL = 0x100000;

// Block devices
export const BLKROSET = 0x125d;
export const BLKROGET = 0x125e;
export const BLKRRPART = 0x125f;
export const BLKGETSIZE = 0x1260;
export const BLKFLSBUF = 0x1261;
export const BLKRASET = 0x1262;
export const BLKRAGET = 0x1263;
export const BLKSSZGET = 0x1268;
export const BLKBSZGET = 0x80081270;
export const BLKBSZSET = 0x40081271;
export const BLKGETSIZE64 = 0x80081272;
export const BLKDISCARD = 0x1277;
export const BLKPBSZGET = 0x127b;
export const BLKIOMIN = 0x1278;
export const BLKIOOPT = 0x1279;
export const BLKZEROOUT = 0x127f;
export const BLKALIGNOFF = 0x127a;
export const BLKDISCARDZEROES = 0x127c;
export const BLKROTATIONAL = 0x127e;
export const BLKGETDISKSEQ = 0x80081280;
export const BLKSECTGET = 0x1267;

// Virtual terminals
export const VT_OPENQRY = 0x5600;
export const VT_GETMODE = 0x5601;
export const VT_SETMODE = 0x5602;
export const VT_GETSTATE = 0x5603;
export const VT_ACTIVATE = 0x5606;
export const VT_WAITACTIVE = 0x5607;
export const KDGKBTYPE = 0x4b33;
export const KDGETMODE = 0x4b3b;
export const KDSETMODE = 0x4b3a;
export const KDGKBMODE = 0x4b44;
export const KDSKBMODE = 0x4b45;
export const KDGETLED = 0x4b31;

// random(4)
export const RNDGETENTCNT = 0x80045200;
export const RNDADDTOENTCNT = 0x40045201;
export const RNDADDENTROPY = 0x40085203;
export const RNDZAPENTCNT = 0x5204;
export const RNDCLEARPOOL = 0x5206;
export const RNDRESEEDCRNG = 0x5207;
