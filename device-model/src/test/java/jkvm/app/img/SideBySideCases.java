package jkvm.app.img;

import java.util.ArrayList;
import java.util.List;

/** Command lines and images on which {@code jkvm img} has to do as qemu-img does. */
final class SideBySideCases {
    /** Makes the images that cases start from. */
    static final String SCRIPT = """
            q() { qemu-img create -q "$@"; }
            w() { local f=$1; shift; for c; do set -- "$@" -c "$c"; shift; done; qemu-io "$@" $f > /dev/null; }
            q -f qcow2 k 16M; w k 'write -P 1 0 1M'
            cp k snap; qemu-img snapshot -c a snap; w snap 'write -P 2 0 64k'; qemu-img snapshot -c 2 snap
            w snap 'write -P 3 64k 64k'; qemu-img snapshot -c 1b snap; w snap 'write -P 4 0 1M'
            q -f qcow2 -o compat=0.10 v2 8M; w v2 'write -P 5 1M 100k'
            q -f qcow2 -o cluster_size=512,refcount_bits=1 small 3M; w small 'write -P 6 3k 1M'
            q -f qcow2 -o cluster_size=2M,lazy_refcounts=on big 64M; w big 'write -P 7 5M 1M' 'write -z 9M 4M'
            q -f qcow2 -b k -F qcow2 over 20M; w over 'write -P 8 512k 1M' 'write -z 18M 1M'
            q -f qcow2 -b over -F qcow2 over2
            q -f qcow2 empty 0
            q -f raw raw 4M; qemu-io -f raw -c 'write -P 9 1M 64k' raw > /dev/null
            q -f qcow2 -b raw -F raw onraw
            q -f qcow2 -u -b missing -F raw lost 1M
            q -f qcow2 -u -b nbd+unix:///?socket=/run/x -F raw remote 1M
            q -f qcow2 -u -b 'json:{"driver":"raw","file":{"driver":"file","filename":"'$PWD'/raw"}}' -F raw json 4M
            qemu-img convert -c -O qcow2 raw packed
            printf 'short' > short; : > nothing
            head -c 1000000 /dev/zero | tr '\\\\0' 'x' > odd
            q -f vmdk vmdk 5M; q -f vdi vdi 5M; q -f vpc vpc 5M; q -f vhdx vhdx 5M
            q -f qcow2 0.img 1M
            for i in $(seq 1 20); do q -f qcow2 -b $((i-1)).img -F qcow2 $i.img; done
            """ + SideBySideEdits.SCRIPT;

    private static final List<String> SIZES = List.of("0", "1", "511", "512", "513", "1000", "65536", "1k", "1K", "1M",
            "1.5M", "1.5k", "0.3k", "3G", "1T", "10b", "0x1000", "010", ".5G", "1.5", "+1M", "' 1M'", "1MB", "-1",
            "1e3", "1X", "''", "8E", "'1M '", "1.9k");

    private final List<String> cases = new ArrayList<>();

    private SideBySideCases() {
    }

    static List<String> all() {
        SideBySideCases result = new SideBySideCases();
        result.createSizes();
        result.createOptions();
        result.createBacking();
        result.infos();
        result.damages();
        result.conversions();
        result.others();
        result.cases.addAll(SideBySideEdits.all());
        return result.cases;
    }

    private void add(String line) {
        cases.add(line);
    }

    private void createSizes() {
        for (String format : List.of("raw", "qcow2")) {
            for (String size : SIZES) {
                String file = "s" + cases.size();
                add("create -f " + format + " @" + file + " " + size + " => " + file);
            }
        }
    }

    private void createOptions() {
        for (String options : List.of("cluster_size=512", "cluster_size=4k", "cluster_size=2M", "cluster_size=4M",
                "cluster_size=1000", "cluster_size=0", "cluster_size=64k,", "compat=0.10", "compat=1.1", "compat=v2",
                "compat=v3", "compat=1.2", "refcount_bits=1", "refcount_bits=8", "refcount_bits=64",
                "refcount_bits=7", "refcount_bits=128", "refcount_bits=x", "compat=0.10,refcount_bits=8",
                "lazy_refcounts=on", "lazy_refcounts", "nolazy_refcounts", "lazy_refcounts=maybe",
                "compat=v2,lazy_refcounts=on", "preallocation=off", "preallocation=metadata", "preallocation=falloc",
                "preallocation=full", "preallocation=x", "nocow=on", "nocow=off", "foo=1", "foo", "''", ",", "help",
                "cluster_size=4k,help", "size=1M", "extent_size_hint=1M", "compression_type=zlib",
                "compression_type=zstd", "compression_type=lzo", "extended_l2=on", "extended_l2=off",
                "cluster_size=512,extended_l2=on", "cluster_size=512,cluster_size=4k")) {
            String file = "o" + cases.size();
            add("create -f qcow2 -o " + options + " @" + file + " 4M => " + file);
        }
        for (String options : List.of("preallocation=off", "preallocation=falloc", "preallocation=full",
                "preallocation=metadata", "cluster_size=4k", "nocow=on", "help", "size=3M")) {
            String file = "o" + cases.size();
            String size = options.startsWith("size") ? "" : " 1M";
            add("create -f raw -o " + options + " @" + file + size + " => " + file);
        }
        for (String format : List.of("vmdk", "vdi", "vpc", "vhdx", "qcow", "luks", "dmg", "foo")) {
            add("create -f " + format + " -o help @x 1M");
        }
        for (String format : List.of("vmdk", "vdi", "vpc", "vhdx")) {
            String file = format + cases.size();
            add("create -f " + format + " @" + file + " 6M => " + file);
        }
        add("create -f qcow2 -o size=10M @dup 20M => dup");
        add("create -f qcow2 -o size=10M -o cluster_size=4k @two => two");
        add("create -f qcow2 @nosize => nosize");
        add("create -q -f qcow2 @quiet 1M => quiet");
        add("create -qfqcow2 @quiet2 1M => quiet2");
        add("create @x 1M 2M");
        add("create");
        add("create -f qcow2 @no/such/folder 1M");
        add("create -f qcow2 -o cluster_size=512 @large 1T => large");
        add("create z:x 1M");
        add("create file:@named 1M => named");
        add("create -f qcow2 -- @dashes 1M => dashes");
        add("k>over-k; create -f qcow2 @over-k 1M => over-k");
    }

    private void createBacking() {
        for (String options : List.of("-b @k -F qcow2", "-b k -F qcow2", "-b @raw -F raw", "-b @k -F raw",
                "-b @k", "-b @missing -F raw", "-u -b @missing -F raw", "-u -b @missing", "-b '' -F raw", "-F raw",
                "-b @k -F foo", "-u -b nbd+unix:///?socket=/run/x -F raw", "-u -b http://host/disk -F raw",
                "-u -b 'json:{\"driver\":\"nbd\"}' -F raw", "-u -b 'a,b' -F raw", "-b file:@k -F qcow2",
                "-o backing_file=k,backing_fmt=qcow2", "-b @b%d -F raw")) {
            for (String size : List.of(" 24M", "")) {
                String file = "b" + cases.size();
                add("create -f qcow2 " + options.replace("%d", Integer.toString(cases.size())) + " @" + file + size
                        + " => " + file);
            }
        }
        add("create -f raw -b @k -F qcow2 @x 1M");
        add("create -f raw -F qcow2 @x 1M");
    }

    private void infos() {
        for (String image : List.of("k", "snap", "v2", "small", "big", "over", "over2", "empty", "raw", "onraw", "lost",
                "remote", "json", "packed", "short", "nothing", "odd", "vmdk", "vdi", "vpc", "vhdx", "20.img",
                "missing")) {
            add("info @" + image);
            add("info --output=json @" + image);
            add("info --backing-chain @" + image);
        }
        for (String words : List.of("-f raw @k", "-f qcow2 @raw", "-f foo @k", "-U @k", "file:@k", "--out=json @k",
                "--backing @over", "--backing-chain --output=json @over2", "'json:{\"file.filename\":\"@k\"}'",
                "'json:{\"driver\":\"qcow2\",\"file\":{\"driver\":\"file\",\"filename\":\"@k\"}}'",
                "'json:{\"driver\":\"raw\",\"file.filename\":\"@k\"}'", "'json:{\"filename\":\"@k\"}'", "'json:{'",
                "--image-opts driver=qcow2,file.filename=@k", "--image-opts file.filename=@k", "--image-opts k",
                "--image-opts driver=qcow2,file.filename=@k,foo=on", "--image-opts driver=foo,file.filename=@k",
                "zz:k", "http://h/k", "/dev/null", "/dev/zero", "/tmp", "''", "@k @raw", "", "--foo @k",
                "--output=xml @k", "--output @k", "--force @k")) {
            add("info " + words);
        }
    }

    private void damages() {
        String[] pokes = {"0 00", "4 00000001", "4 00000004", "8 0000000000001000", "16 00000fff", "20 00000008",
            "20 00000016", "24 ffffffffffffffff", "24 0000000000000200", "32 00000003", "36 00000000", "36 7fffffff",
            "40 0000000000000001", "40 00000fff00000000", "48 0000000000000001", "48 00000fff00000000",
            "48 0000000000000000", "56 00000000", "56 00ffffff", "60 00000001", "60 00ffffff", "64 0000000000000001",
            "72 0000000000000001", "72 0000000000000002", "72 0000000000000003", "72 4000000000000000",
            "80 0000000000000001", "80 8000000000000000", "88 8000000000000000", "96 00000007", "96 00000000",
            "100 00000000", "100 00000064", "100 00010001", "104 02"};
        for (String poke : pokes) {
            String file = "d" + cases.size();
            add("k>" + file + "; poke " + file + " " + poke + "; info @" + file);
            add("check @" + file);
        }
        for (String cut : List.of("0", "3", "100", "1000", "65536", "70000", "200000", "300000", "600000")) {
            String file = "c" + cases.size();
            add("k>" + file + "; cut " + file + " " + cut + "; info @" + file);
            add("check @" + file);
        }
    }

    private void conversions() {
        for (String source : List.of("k", "snap", "v2", "small", "big", "over", "over2", "empty", "raw", "onraw",
                "packed", "short", "nothing", "odd", "vmdk", "vdi", "vpc", "20.img", "json", "lost")) {
            for (String target : List.of("raw", "qcow2")) {
                String file = "t" + cases.size();
                add("convert -O " + target + " @" + source + " @" + file + " => " + file);
            }
        }
        for (String options : List.of("-l snapshot.name=2", "-l snapshot.name=1", "-l snapshot.id=1",
                "-l snapshot.id=1,snapshot.name=1b", "-l 2", "-l a", "-l 9", "-l snapshot.id=3,snapshot.name=1b",
                "-f raw", "-f qcow2", "-S 0", "-S 64k", "-S 100", "-c", "-O qcow2 -c", "-O qcow2 -o cluster_size=4k",
                "-O qcow2 -o compat=0.10", "-O qcow2 -o help", "-O foo", "-m 3", "-m 99", "-W", "-t none", "-t fast",
                "-T none", "-O qcow2 -o preallocation=metadata", "-O vmdk", "-O vdi", "-O vpc", "-q", "-p", "-U",
                "--image-opts", "-r 100M", "-O qcow2 -B @k -F qcow2", "-O qcow2 -B @missing -F raw")) {
            String file = "t" + cases.size();
            add("convert " + options + " @snap @" + file + " => " + file);
        }
        add("convert @raw @odd @both => both");
        add("raw>n1; convert -n @k @n1 => n1");
        add("big>n2; convert -n -O qcow2 @k @n2 => n2");
        add("convert -n @k @none => none");
        add("convert @raw");
        add("convert --image-opts driver=qcow2,file.filename=@k @io => io");
    }

    private void others() {
        for (String source : List.of("k", "raw", "over", "odd", "nothing")) {
            for (String format : List.of("vmdk", "vdi", "vpc", "qcow2 -c", "qcow2 -S 0",
                    "qcow2 -o lazy_refcounts=on")) {
                String file = "p" + cases.size();
                add("convert -O " + format + " @" + source + " @" + file + " => " + file);
            }
        }
        for (String part : List.of("--start-offset=1M", "--max-length=64k", "--start-offset 1M --max-length 1M",
                "--start-offset=100M", "--start-offset=x", "--max-length=0")) {
            add("map " + part + " @k");
            add("map --output=json " + part + " @over");
        }
        for (String format : List.of("vmdk", "vdi", "vpc")) {
            for (String size : List.of("512", "1000", "1M", "1.5G", "100G", "x")) {
                String file = "f" + cases.size();
                add("create -f " + format + " @" + file + " " + size + " => " + file);
            }
        }
        for (String size : List.of("1k", "1000", "0", "x", "1.5", "+1M", "-1", "10M")) {
            String file = "z" + cases.size();
            add("create -f qcow2 -o size=" + size + " @" + file + " => " + file);
        }
        for (String image : List.of("k", "snap", "v2", "small", "big", "over", "empty", "raw", "packed", "lost",
                "missing", "vdi", "vmdk")) {
            add("check @" + image);
            add("check --output=json @" + image);
            add("map @" + image);
            add("map --output=json @" + image);
        }
        for (String pair : List.of("@k @k", "@k @snap", "@raw @onraw", "-s @raw @onraw", "@k @over", "@k @missing",
                "-q @k @raw", "@odd @odd", "-f qcow2 -F raw @k @raw", "@k")) {
            add("compare " + pair);
        }
        pairs();
    }

    private void pairs() {
        List<String> images = List.of("k", "raw", "over", "odd", "onraw", "packed", "vdi", "v2");
        for (String first : images) {
            for (String second : images) {
                add("compare @" + first + " @" + second);
                add("compare -q @" + first + " @" + second);
            }
            for (String format : List.of("raw", "qcow2", "vmdk", "vdi", "vhdx")) {
                add("info -f " + format + " @" + first);
                add("info --output=json -f " + format + " @" + first);
            }
            add("compare -s @" + first + " @" + first);
        }
        for (String clusterSize : List.of("64k", "2M")) {
            for (String size : List.of("0", "512", "100M", "2G", "17G", "63G")) {
                String file = "g" + cases.size();
                add("create -f qcow2 -o cluster_size=" + clusterSize + " @" + file + " " + size + " => " + file);
            }
        }
        add("create -f qcow2 -o cluster_size=512 @flat 2G => flat");
        for (String image : images) {
            add("measure -O qcow2 @" + image);
            add("measure -O raw --output=json @" + image);
            add("info -U @" + image);
            add("info -U --output=json @" + image);
        }
        for (String size : List.of("0", "1000", "1M", "10G", "1T", "x")) {
            add("measure --size " + size + " -O qcow2");
            add("measure --size " + size + " -O raw");
        }
    }
}
