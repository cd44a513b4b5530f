package jkvm.app.img;

import java.util.ArrayList;
import java.util.List;

/**
 * Each option of qemu-img's manual that reads, copies, makes or measures images: alone, with good and with bad values,
 * beside others. They start from the images of {@link SideBySideCases#SCRIPT}.
 */
final class SideBySideOptions {
    private static final List<String> CACHES = List.of("none", "writeback", "writethrough", "unsafe", "directsync",
            "off", "fast");

    private final List<String> cases = new ArrayList<>();

    private SideBySideOptions() {
    }

    static List<String> all() {
        SideBySideOptions result = new SideBySideOptions();
        result.caches();
        result.infos();
        result.creations();
        result.checks();
        result.conversions();
        result.maps();
        result.measures();
        result.comparisons();
        result.copies();
        result.benches();
        return result.cases;
    }

    private void add(String line) {
        cases.add(line);
    }

    /** A command line that makes a file; its name stands for {@code %}. */
    private void make(String line) {
        String file = "m" + cases.size();
        add(line.replace("%", file) + " => " + file);
    }

    private void caches() {
        for (String cache : CACHES) {
            if (cache.equals("fast")) {
                add("convert -t fast -O qcow2 @k @x");
            } else {
                make("convert -t " + cache + " -O qcow2 @k @%");
            }
            make("convert -T " + cache + " @over @%");
            add("check -T " + cache + " @k");
            add("compare -T " + cache + " @raw @onraw");
            add("bench -c 3 -t " + cache + " @k");
        }
        make("convert -t none -T none -O qcow2 @over2 @%");
        make("convert -t writethrough -O vdi @odd @%");
        make("raw>%; convert -n -t directsync @k @%");
        make("convert -T directsync -O qcow2 @odd @%");
        add("check -T");
        add("info -T none @k");
        add("create -t none @x 1M");
        add("map -T none @k");
    }

    private void infos() {
        for (String words : List.of("--image-opts driver=raw,file.filename=@raw,file.foo=1",
                "--image-opts driver=raw,file.filename=@raw,detect-zeroes=on,node-name=x",
                "--image-opts driver=raw,file.filename=@raw,offset=0",
                "--image-opts driver=raw,file.filename=@raw,discard=foo",
                "--image-opts driver=raw,file.filename=@raw,read-only=maybe",
                "--image-opts driver=raw,file.filename=@raw,offset=1M",
                "--image-opts driver=raw,file.filename=@raw,offset=1M,size=64k",
                "--image-opts driver=raw,file.filename=@raw,size=1M",
                "--image-opts driver=raw,file.filename=@raw,size=5M",
                "--image-opts driver=raw,file.filename=@raw,offset=5M",
                "--image-opts driver=raw,file.filename=@raw,offset=3M,size=2M",
                "--image-opts driver=raw,file.filename=@raw,size=1000",
                "--image-opts driver=raw,file.filename=@raw,offset=1000",
                "--image-opts driver=raw,file.filename=@raw,offset=-1",
                "--image-opts driver=raw,file.filename=@raw,size=x",
                "--image-opts driver=raw,file.filename=@raw,offset=0x100000,size=1k",
                "--output=json --image-opts driver=raw,file.filename=@raw,offset=1M",
                "--image-opts driver=raw,file.driver=file,file.filename=@raw",
                "--image-opts driver=qcow2,file.driver=file,file.filename=@over",
                "--image-opts driver=qcow2,file.filename=@over,backing.driver=qcow2,backing.file.filename=@k",
                "--image-opts driver=qcow2,file.filename=@k,lazy-refcounts=on",
                "--image-opts driver=qcow2,file.filename=@k,cache-size=1M",
                "--image-opts driver=qcow2,file.filename=@k,discard=unmap",
                "--image-opts driver=qcow2,file.filename=@k,cache.direct=on",
                "--image-opts driver=qcow2,file.filename=@k,read-only=on",
                "--image-opts driver=qcow2,file.filename=@k,force-share=on",
                "--image-opts driver=qcow2,file.filename=@k,file.locking=off",
                "--image-opts driver=vmdk,file.filename=@vmdk", "--image-opts driver=vdi,file.filename=@vdi",
                "--image-opts --output=json driver=vpc,file.filename=@vpc",
                "--image-opts --output=json file.filename=@k", "--image-opts --backing-chain file.filename=@over2",
                "--image-opts -U file.filename=@k", "--image-opts -f qcow2 file.filename=@k",
                "--image-opts driver=file,filename=@raw", "--image-opts filename=@raw", "--image-opts driver=raw",
                "'json:{\"driver\":\"raw\",\"offset\":1048576,\"file.filename\":\"@raw\"}'",
                "'json:{\"driver\":\"raw\",\"size\":65536,\"offset\":1048576,\"file.filename\":\"@raw\"}'",
                "--output=json -U @over", "-U --force-share @k", "-f qcow2 -f raw @k", "-f vdi @k", "-fqcow2 @k",
                "--format=qcow2 @k", "--format qcow2 @k", "--form qcow2 @k", "-- @k", "@k -U", "-Uf qcow2 @k",
                "--output=human @k", "--output=JSON @k", "--output= @k", "--backing-chain -U --output=json @over2",
                "--backing-chain @lost", "--backing-chain --output=json @lost", "-x @k", "-f", "--object")) {
            add("info " + words);
        }
    }

    private void creations() {
        for (String format : List.of("raw", "qcow2", "qcow", "vdi", "vpc", "vmdk", "vhdx", "luks")) {
            for (String options : List.of("preallocation=off", "preallocation=falloc", "preallocation=full",
                    "preallocation=metadata", "nocow=on", "extent_size_hint=1M", "static=on", "subformat=fixed",
                    "encryption=off", "adapter_type=ide", "log_size=2M", "force_size=on", "hwversion=6",
                    "key-secret=s", "size=2M")) {
                String line = "create -f " + format + " -o " + options + " @% 3M";
                if (isApart(format, options)) {
                    add(line.replace("%", "r" + cases.size()));
                } else {
                    make(line);
                }
            }
            add("create -f " + format + " -o '?' @x");
        }
        for (String words : List.of("-f qcow2 -o preallocation=metadata -b @k -F qcow2 @% 16M",
                "-f vpc -o force_size @% 3M",
                "-f vdi -o static=maybe @% 3M",
                "-f vmdk -o subformat=monolithicFlat @% 3M", "-f vmdk -o subformat=streamOptimized @% 3M",
                "-f vmdk -o subformat=none @% 3M", "-f vmdk -o zeroed_grain=on @% 3M", "-f vmdk -o compat6 @% 3M",
                "-f raw -o extent_size_hint=0 @% 3M",
                "-f raw -o extent_size_hint=x @% 3M", "-f raw -o nocow=x @% 3M", "-q -f vdi @% 3M", "-fvdi -q @% 3M",
                "-f qcow2 -o data_file=@df%,data_file_raw=on @% 3M", "-f qcow2 -o data_file_raw=on @% 3M",
                "-f raw -u @% 3M", "-u -f qcow2 @%", "-f qcow2 @% 3M --", "@% -f qcow2 3M", "-f qcow2 @% 3M -q",
                "-f qcow2 -b @k -F qcow2 -o size=4M @%", "-f qcow2 -b @k -F qcow2 -o backing_fmt=raw @%",
                "-f qcow2 -b @k -o backing_file=raw -F raw @%")) {
            make("create " + words);
        }
        add("create -f raw -o nosuch=1,help @x");
        add("create -f vhdx -o subformat=dynamic,block_size=3M @x 3M");
        add("create -f qcow2 -o nocow,preallocation=full @nc 3M => nc");
        add("create -o help");
        add("create -f qcow2 -o help");
        add("create -f vmdk -o help");
        add("convert -O vhdx -o help");
        add("create -f luks @x 1M");
        add("create --object secret,id=s,data=abc -f raw @ob 1M => ob");
        add("create --object secret,id=s -f raw @x 1M");
        add("create --object foo,id=s -f raw @x 1M");
        add("create --objec secret,id=s,data=abc -f raw @ob2 1M => ob2");
    }

    /**
     * Whether files are not compared: random ids are in what is, a vhdx block table takes room in QEMU only, and an
     * image that cannot be made stays with QEMU only.
     */
    private static boolean isApart(String format, String options) {
        return format.equals("vhdx") || format.equals("vpc") && options.equals("subformat=fixed")
                || options.equals("preallocation=metadata") && !format.equals("qcow2");
    }

    private void checks() {
        for (String words : List.of("-q @k", "-U @k", "--force-share @k", "--output=json @k", "--output=json -q @k",
                "-f qcow2 @k", "-f raw @k", "-f vdi @k", "--format=qcow2 @k", "--repair=leaks @k", "-r none @k",
                "-r @k", "-r leaks -U @k", "--image-opts driver=qcow2,file.filename=@k", "--image-opts @k",
                "--image-opts file.filename=@over", "@raw", "--output=json @raw", "-q @raw", "@vdi", "@vpc", "@vmdk",
                "@vhdx", "-r all @vdi", "-r all @vmdk", "-r all @raw", "-f vpc @vpc", "@over", "@lost", "@missing",
                "-p @k", "--output=yaml @k", "", "@k @raw", "-x @k", "--image-opts driver=raw,file.filename=@raw",
                "'json:{\"driver\":\"qcow2\",\"file.filename\":\"@k\"}'", "-U -r all @k", "-f foo @k")) {
            add("check " + words);
        }
    }

    private void conversions() {
        for (String words : List.of("-U @k", "-q -p @k", "-p -O qcow2 @raw", "-f qcow2 -O qcow2 @k",
                "--image-opts driver=raw,file.filename=@raw,offset=1M",
                "--image-opts driver=raw,file.filename=@raw,offset=1M,size=1k", "-S 1k @raw", "-S 0 -O qcow2 @raw",
                "-S 1 @raw", "-S x @raw", "-S 512 -O qcow2 @raw", "-m 16 @k", "-m 0 @k", "-m 17 @k", "-m x @k",
                "-W -m 4 -O qcow2 @k", "-r 0 @k", "-r x @k", "-r -1 @k", "-C @k", "-C -S 4k @k", "-C -c @k",
                "--salvage @k", "--target-is-zero @k", "--target-is-zero -O qcow2 @k",
                "--bitmaps -O qcow2 @k", "--skip-broken-bitmaps -O qcow2 @k", "-c -O vdi @k", "-c -O raw @k",
                "-c -O qcow2 -o compression_type=zstd @raw", "-c -O vmdk -o subformat=streamOptimized @raw",
                "-O vmdk -o subformat=monolithicFlat @raw", "-O vdi -o static @raw",
                "-O qcow @raw", "-O qcow2 -o preallocation=falloc @raw",
                "-o preallocation=full @raw", "-O qcow2 -o size=8M @raw",
                "-O qcow2 -B @k @over", "-O qcow2 -B @k -F qcow2 @over", "-O qcow2 -b @k @over", "-F raw @raw",
                "-O qcow2 -o backing_file=@k,backing_fmt=qcow2 @over", "-B @k -F qcow2 @over", "-l a @k", "-s @k",
                "-l snapshot.foo=1 @snap", "-l '' @snap", "-f vdi @k", "-O luks @k", "-O dmg @k", "-x @k",
                "--target-image-opts @k", "-O vdi -o foo @raw", "-O qcow2 @missing", "-O qcow2 @lost", "-O vpc @odd",
                "-T", "-n @k", "-n -o cluster_size=4k @k", "-O qcow2 -o cluster_size=4k,lazy_refcounts @k @raw")) {
            make("convert " + words + " @%");
        }
        for (String words : List.of("-n -p", "-n --target-is-zero", "-n -S 0", "-n -t none", "-n -U", "-n -W",
                "-n --target-image-opts", "-n -f raw", "-n -B @k -F raw", "-n -C")) {
            make("raw>%; convert " + words + " @raw @%");
        }
        make("raw>%; convert -n --target-image-opts @raw driver=raw,file.filename=@%");
        make("raw>%; convert -n --target-image-opts -O raw @raw driver=raw,file.filename=@%");
        make("raw>%; convert -n --target-image-opts @raw driver=raw,file.filename=@%,read-only=on");
        make("over2>%; convert -n -O qcow2 -B @over -F qcow2 @over @%");
        make("k>%; convert -n --target-image-opts @raw driver=raw,file.filename=@%,offset=1M");
        make("k>%; convert -n --target-image-opts -O raw @short driver=raw,file.filename=@%,offset=64k,size=512");
        make("k>%; convert -n --target-image-opts @k driver=raw,file.filename=@%,size=512");
    }

    private void maps() {
        for (String words : List.of("-U @k", "--force-share @over", "-f raw @k", "--format=qcow2 @k", "-s 1M @over",
                "--start-offset=1M @over", "--start-offset 512k --max-length=256k @over", "-l 64k @over",
                "--max-length=0 @over", "-s 100M @over", "-s x @over", "--max-length=x @over", "-s -1 @k",
                "--output=json -s 1000 -l 1000 @over", "--output=human @raw", "--output=xml @raw", "-s 512 @raw",
                "--image-opts driver=qcow2,file.filename=@over", "--output=json --image-opts file.filename=@over",
                "--image-opts driver=raw,file.filename=@raw,offset=1M",
                "--output=json --image-opts driver=raw,file.filename=@raw,offset=1M,size=128k", "@vdi", "@vpc",
                "--output=json @vmdk", "--output=json @vhdx", "--output=json @packed", "@packed", "-p @k", "@lost",
                "-l 1M -s 15M --output=json @k", "--output=json @nothing", "@nothing", "@odd", "", "@k @raw")) {
            add("map " + words);
        }
    }

    private void measures() {
        for (String words : List.of("@k", "-O qcow2 @k", "-f raw -O qcow2 @k", "-U -O qcow2 @over", "-O vdi @k",
                "-O qcow2 -o cluster_size=4k @raw", "-O qcow2 -o preallocation=full @raw", "--size=1M",
                "-O qcow2 --size 1M @k", "-O qcow2 --size 1M -f raw", "-O qcow2 --size=0", "-O qcow2 --size=-1",
                "-O qcow2 -o help", "-O luks --size 1M", "-O vhdx --size 1M", "-O raw --size 1000",
                "--output=json -O qcow2 --size 1G", "--output=xml --size 1M", "-O qcow2 -l a @snap",
                "-O qcow2 -l snapshot.name=2 @snap", "-O qcow2 -l 9 @snap", "-O qcow2 -o size=2M --size 1M",
                "-O qcow2 -o size=2M", "-O qcow2 -o extended_l2=on --size 1G", "-O qcow2 -o foo --size 1M",
                "--image-opts -O qcow2 driver=raw,file.filename=@raw,offset=1M",
                "-O qcow2 --image-opts driver=qcow2,file.filename=@k", "-O qcow2 @missing", "-O foo --size 1M",
                "-O qcow2 -o refcount_bits=64,compat=1.1 --size 4G", "", "-O qcow2", "-O qcow2 @k @raw",
                "-p --size 1M", "-O qcow2 -o data_file=x --size 1G", "-O raw -o preallocation=full --size 1M")) {
            add("measure " + words);
        }
    }

    private void comparisons() {
        for (String words : List.of("@k @k", "@k @raw", "@raw @onraw", "-s @raw @onraw", "-s @k @over",
                "-p @raw @onraw",
                "-q @k @raw", "-q -p @raw @onraw", "-f raw -F qcow2 @raw @onraw", "-f qcow2 @raw @onraw",
                "-F raw @k @k", "-U @raw @onraw", "--force-share @k @k", "@raw", "@raw @onraw @k", "-s @raw @k",
                "@short @nothing",
                "-s @short @odd", "@empty @nothing", "@missing @k", "@k @missing", "-s @raw @packed", "@raw @packed",
                "--image-opts driver=qcow2,file.filename=@k driver=qcow2,file.filename=@k",
                "--image-opts driver=raw,file.filename=@raw,offset=1M driver=raw,file.filename=@raw,offset=1M",
                "--image-opts driver=raw,file.filename=@raw,size=1M file.filename=@raw", "-f foo @k @k", "-x @k @k",
                "-F foo @k @k", "@lost @k", "-s -p @k @over", "--image-opts @k @k", "-T none -s @k @over")) {
            add("compare " + words);
        }
    }

    private void copies() {
        for (String words : List.of("if=@k of=@%", "-O qcow2 if=@raw of=@%", "bs=4k if=@raw of=@%",
                "bs=4k count=3 if=@raw of=@%", "bs=64k count=1 skip=16 if=@raw of=@%", "skip=3 if=@odd of=@%",
                "-f qcow2 -O raw bs=1M if=@k of=@%", "-f raw if=@k of=@%", "bs=0 if=@raw of=@%", "bs=x if=@raw of=@%",
                "bs=1M skip=100 if=@raw of=@%", "count=0 if=@raw of=@%", "count=-1 if=@raw of=@%", "if=@raw",
                "of=@%", "if=@raw of=@% seek=1", "if=@raw of=@% conv=x", "if=@raw of=@% foo", "-U if=@k of=@%",
                "--image-opts if=driver=qcow2,file.filename=@k of=@%", "bs=1000 count=3 if=@odd of=@%",
                "bs=512 if=@short of=@%", "-O vdi bs=1M if=@raw of=@%", "-O foo if=@raw of=@%", "-q if=@raw of=@%",
                "-O qcow2 bs=1M count=2 if=@over of=@%", "if=@missing of=@%", "bs=1M bs=2M count=1 if=@k of=@%")) {
            make("dd " + words);
        }
    }

    private void benches() {
        for (String words : List.of("-c 10 @k", "-c 10 -d 1 @k", "-c 0 @k", "-c x @k", "-c 3 -s 1k @k",
                "-c 3 -s 1M @k", "-c 3 -s 0 @k", "-c 3 -s x @k", "-c 3 -o 1M @k", "-c 3 -o 100M @k", "-c 3 -o x @k",
                "-c 3 -S 64k @k", "-c 3 -S 0 @k", "-c 3 -q @k", "-c 3 -f raw @raw", "-c 3 -U @k",
                "-c 3 --force-share @k", "-c 3 -i threads @k", "-c 3 -i foo @k", "-c 3 -t none -i native @k",
                "-c 3 -n @k",
                "-c 3 --image-opts driver=qcow2,file.filename=@k", "-c 3 --no-drain @k", "-c 3 --flush-interval=1 @k",
                "-c 3 --pattern=1 @k", "-c 3 --pattern=x @k", "", "@k @raw", "-c 3 -x @k",
                "-c 3 -w -f foo @k")) {
            add("bench " + words);
        }
        for (String words : List.of("-w -c 10", "-w -c 10 --pattern=7", "-w -c 10 --pattern=300",
                "-w -c 4 -s 512 -S 4k", "-w -c 6 -d 2 --flush-interval=3", "-w -c 6 -d 4 --flush-interval=2",
                "-w -c 6 -d 2 --flush-interval=2 --no-drain", "-w -c 3 -t writethrough", "-w -c 3 -t none",
                "-w -U -c 3")) {
            make("k>%; bench " + words + " @%");
        }
    }
}
